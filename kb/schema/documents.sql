-- What payloads say. All of it can be made again from payloads; a section's text is never changed in place.

create table cohorts (
  id text primary key,
  centre text,
  registration text,
  years text,
  overlap text not null default 'none' check (overlap in ('none', 'known', 'assumed')),
  reason text                -- why studies are taken to share these patients
) without rowid;

-- The unit is the study. A document without one stands for a study of its own (view evidence).
create table studies (
  id text primary key,
  title text not null,
  design text not null,
  year integer,
  role text not null default 'evidence' check (role in ('evidence', 'comparator')),
  cohort text references cohorts(id),
  pmid text,
  doi text,
  made_from text,            -- what the sheet was made from: abstract, full text, review, registry
  note text
) without rowid;
create index studies_cohort on studies(cohort);

create table arms (
  study text not null references studies(id),
  name text not null,
  intervention text not null,
  intervention_class text not null,
  role text not null,
  n integer check (n > 0),
  cohort text references cohorts(id),  -- where it differs from the study's
  aliases text not null default '',    -- other names of the arm in texts, one a line
  primary key (study, name)
) without rowid;

create table risk_of_bias (
  study text not null references studies(id),
  instrument text not null,
  domain text not null,
  judgement text not null,
  support text not null,
  primary key (study, instrument, domain)
) without rowid;

create table documents (
  id text primary key,       -- pmid-38206544, doi-…, sheet-…: safe in a URL
  source text not null,      -- the reader that made it: pubmed-xml, pubmed-page, sheet, …
  kind text not null,        -- article, book, sheet, registry
  pmid text,
  doi text,
  pmcid text,
  title text,
  vernacular_title text,
  year integer,
  published text,            -- date as printed
  electronic text,
  revised text,
  journal text,
  volume text,
  issue text,
  pages text,
  language text,
  status text,
  version integer not null default 1,
  copyright text,
  conflict_of_interest text,
  retracted integer not null default 0 check (retracted in (0, 1)),
  withdrawn integer not null default 0 check (withdrawn in (0, 1)),  -- deleted at the source; the row stays
  study text references studies(id),
  payload text not null references payloads(sha256),
  content_sha256 text not null  -- of the parsed record: tells whether anything but noise changed
);
create index documents_pmid on documents(pmid);
create index documents_doi on documents(doi);
create index documents_study on documents(study);
create index documents_year on documents(year);
create index documents_source on documents(source);
create index documents_kind on documents(kind);
create index documents_journal on documents(journal);
create index documents_payload on documents(payload);

-- Verbatim text. A new text is a new row; the old one stays with current = 0.
create table sections (
  id text primary key,       -- document and the first characters of the hash
  document text not null references documents(id),
  position integer not null,
  kind text not null,        -- title, abstract, statement, body, table, other
  label text,                -- heading as printed
  text text not null,
  language text,
  sha256 text not null,      -- of label and text
  current integer not null default 1 check (current in (0, 1))
);
create index sections_document on sections(document, position);
create index sections_label on sections(label);
create index sections_kind on sections(kind);

create table identifiers (
  document text not null references documents(id),
  scheme text not null,
  value text not null,       -- as printed
  slug text not null,        -- lower case and safe in a URL: how it is compared
  primary key (document, scheme, value)
) without rowid;
create index identifiers_slug on identifiers(scheme, slug);

create table people (
  id integer primary key,
  key text not null unique,  -- ORCID where there is one, else the name as printed
  name text not null,
  last_name text,
  fore_name text,
  initials text,
  suffix text,
  orcid text,
  collective integer not null default 0 check (collective in (0, 1))
);
create index people_last_name on people(last_name);

create table authorships (
  document text not null references documents(id),
  position integer not null,
  person integer not null references people(id),
  role text not null,
  valid integer not null default 1,
  affiliations text not null default '',  -- one a line
  primary key (document, position)
) without rowid;
create index authorships_person on authorships(person);

create table mesh_headings (
  document text not null references documents(id),
  position integer not null,
  descriptor text not null,
  descriptor_ui text,
  qualifier text,
  qualifier_ui text,
  major integer not null default 0 check (major in (0, 1)),
  primary key (document, position)
) without rowid;
create index mesh_headings_descriptor on mesh_headings(descriptor);

create table keywords (
  document text not null references documents(id),
  position integer not null,
  text text not null,
  owner text,
  major integer not null default 0 check (major in (0, 1)),
  primary key (document, position)
) without rowid;

create table publication_types (
  document text not null references documents(id),
  position integer not null,
  text text not null,
  ui text,
  primary key (document, position)
) without rowid;
create index publication_types_ui on publication_types(ui);

create table grants (
  document text not null references documents(id),
  position integer not null,
  number text,
  agency text,
  country text,
  acronym text,
  primary key (document, position)
) without rowid;

create table registrations (
  document text not null references documents(id),
  registry text not null,
  accession text not null,
  evidence text not null check (evidence in ('strong', 'weak')),  -- stated in the data banks, or found in the text
  primary key (document, registry, accession)
) without rowid;
create index registrations_accession on registrations(accession);

-- PubMed's CommentsCorrections: retractions, errata, concerns, comments.
create table notices (
  document text not null references documents(id),
  position integer not null,
  ref_type text not null,
  text text not null,
  pmid text,
  note text,
  primary key (document, position)
) without rowid;
create index notices_ref_type on notices(ref_type);

-- An edge that a source asserts. The target may not have been fetched yet, so to_document is no foreign key.
create table links (
  from_document text not null references documents(id),
  to_document text not null,
  kind text not null check (kind in ('similar', 'cites', 'cited_by', 'reports')),
  source text not null,      -- who says so
  score real,
  title text,                -- what the source printed of the target
  first_seen text not null,
  last_seen text not null,
  primary key (from_document, to_document, kind, source)
) without rowid;
create index links_to_document on links(to_document);

create table references_text (
  document text not null references documents(id),
  position integer not null,
  text text not null,        -- as printed
  matched_document text,     -- the document that it means, fetched or not
  method text,               -- how it was matched: pmid, doi, …
  score real,                -- 1 for an identifier
  primary key (document, position)
) without rowid;
create index references_text_matched on references_text(matched_document);
