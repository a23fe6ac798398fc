-- What a standing's figure is about, beside how it stands: the views over figures that speak read one index of it.

alter table standings add column outcome text;   -- of its figure
alter table standings add column kind text;      -- of its figure
update standings set (outcome, kind) = (select f.outcome, f.kind from figures f where f.id = standings.figure);

drop index standings_speaks;
create index standings_said on standings(outcome, speaks, study, kind, months, intervention_class, design);
