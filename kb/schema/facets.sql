-- What the site's large tables are faceted or sorted by, one index a column: Datasette counts each facet over the whole
-- table, and one without an index runs out of its time. Tables that grow with studies and people and not with the
-- literature have none: to write an index costs more than to read them. A facet passes over NULL, so where most rows have
-- none an index of the others serves. A test holds this to metadata.yml.

create index if not exists fetches_by_source on fetches(source);
create index if not exists documents_by_retracted on documents(retracted);
create index if not exists publication_types_by_text on publication_types(text);
create index if not exists grants_by_agency on grants(agency);
create index if not exists grants_by_country on grants(country);
create index if not exists registrations_by_registry on registrations(registry);
create index if not exists registrations_by_evidence on registrations(evidence);
create index if not exists links_by_kind on links(kind, source, to_document);
create index if not exists references_text_by_method on references_text(method) where method is not null;
create index if not exists requests_by_seed on requests(seed);
create index if not exists requests_by_asked_at on requests(asked_at);
create index if not exists registry_notices_by_event on registry_notices(event);
create index if not exists full_texts_by_state on full_texts(state);
create index if not exists full_texts_by_licence on full_texts(licence);
create index if not exists full_texts_by_free on full_texts(free);
create index if not exists citation_counts_by_clinical on citation_counts(clinical);
create index if not exists registry_entries_by_status on registry_entries(status);
create index if not exists registry_entries_by_study_type on registry_entries(study_type);
create index if not exists registry_entries_by_has_results on registry_entries(has_results);
create index if not exists duplicates_by_kind on duplicates(kind);
create index if not exists standings_by_intervention_class on standings(intervention_class) where intervention_class is not null;
create index if not exists standings_by_design on standings(design) where design is not null;
create index if not exists changes_by_field on changes(field);
create index if not exists changes_by_noticed_at on changes(noticed_at);
create index if not exists events_by_event on events(event);
create index if not exists events_by_state on events(state);
create index if not exists events_by_noticed_at on events(noticed_at);
create index if not exists screenings_by_stage on screenings(stage);
create index if not exists screenings_by_decision on screenings(decision);
create index if not exists screenings_by_reason on screenings(reason) where reason is not null;
create index if not exists screenings_by_decided_at on screenings(decided_at);
create index if not exists identified_by_method on identified(method, source);
create index if not exists identified_by_source on identified(source);
create index if not exists records_by_retrieval on records(retrieval) where retrieval is not null;
create index if not exists records_by_position on records(position);
