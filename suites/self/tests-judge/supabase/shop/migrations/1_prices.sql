-- Prices that nobody but the shop sees, and none of which is free.

CREATE TABLE public.prices (
  article text CONSTRAINT prices_article PRIMARY KEY,
  price int NOT NULL CONSTRAINT prices_positive CHECK (price > 0)
);

ALTER TABLE public.prices ENABLE ROW LEVEL SECURITY;

COMMENT ON TABLE public.prices IS 'Prices.';

INSERT INTO public.prices VALUES ('bread', 3);
