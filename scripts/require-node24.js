/** Ends with one sentence on a Node that is too old to run this project; loaded by `node --import` before anything else. */

const major = Number(process.versions.node.split('.')[0]);
if (!(major >= 24)) {
  console.error(`Rowproof needs Node 24, and this is Node ${process.versions.node}, so nothing was run.`);
  console.error(
    'Fix: run `npm ci` (without --omit=optional), which brings Node 24 along, and start it by its npm script.',
  );
  process.exit(2);
}
