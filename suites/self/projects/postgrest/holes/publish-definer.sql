-- expect: rpc-foreign-row:call:api.publish(uuid)
alter function api.publish(uuid) security definer;
