-- What people's disclosed decisions made: figures in the place of others or added, and how estimates moved for them.

-- Figures of reader reviewer. Rebuilt from the decisions like every figure.
create table decided_figures (
  figure text primary key references figures(id),
  judged text,               -- the figure that was corrected, if it still stands there; null for an added one
  said text not null,        -- what was done to it, in words
  run text not null
) without rowid;
create index decided_figures_judged on decided_figures(judged);

-- How each estimate moved when a decision was disclosed: its numbers before and after. Append only.
create table moves (
  id integer primary key,
  decision text not null,    -- reviews.id of the decision that disclosed the case
  figure text not null,      -- id at the time
  estimate text not null,    -- id; it names the question, so it survives rebuilds
  scale text not null,
  k_before integer,          -- null: there was no such estimate
  value_before real,
  ci_low_before real,
  ci_high_before real,
  reviewed_before text,
  k_after integer,           -- null: there is none any more
  value_after real,
  ci_low_after real,
  ci_high_after real,
  reviewed_after text,
  moved_at text not null
);
create index moves_decision on moves(decision);
create index moves_figure on moves(figure);

-- Whether people decided on the figures behind an effect.
alter table effects add column reviewed text not null default 'unreviewed' check (reviewed in ('unreviewed', 'partly reviewed', 'reviewed'));

-- What the queue asks for.
create index standings_basis on standings(basis);
create index figures_drifted on figures(drifted) where drifted = 1;
