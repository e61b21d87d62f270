-- A database of llm's: tables of both generations, with a conversation each.
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT,
  response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER,
  output_tokens INTEGER, resolved_model TEXT, reasoning TEXT);
CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER);
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT);
CREATE TABLE prompt_fragments (response_id TEXT, fragment_id INTEGER, "order" INTEGER);
CREATE TABLE system_fragments (response_id TEXT, fragment_id INTEGER, "order" INTEGER);
CREATE TABLE tool_calls (id INTEGER PRIMARY KEY, response_id TEXT, tool_id INTEGER, name TEXT, arguments TEXT, tool_call_id TEXT);
CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, name TEXT, output TEXT, tool_call_id TEXT, exception TEXT);
CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);
CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, tool_name TEXT, text TEXT, payload TEXT);
CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT, datetime_utc TEXT);
CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT, model TEXT,
  resolved_model TEXT, options_json TEXT, input_tokens INTEGER, output_tokens INTEGER, datetime_utc TEXT);
INSERT INTO conversations VALUES ('c1', 'Pelicans', 'gpt-4o');
INSERT INTO responses VALUES ('r1', 'gpt-4o', 'Names?', 'Be funny', NULL, '{"temperature": 0.5}', '', NULL, 'c1', 5,
  '2025-01-02T03:04:05', 3, 4, 'gpt-4o-2024', 'Hm');
INSERT INTO responses VALUES ('r2', 'gpt-4o', '', NULL, NULL, '{}', 'Percy.', NULL, 'c1', 5, '2025-01-02T03:04:06', 3, 4, NULL, NULL);
INSERT INTO tool_calls VALUES (1, 'r1', NULL, 'names', '{"n": 1}', 't1');
INSERT INTO tool_results VALUES (1, 'r2', 'names', 'Percy', 't1', NULL);
INSERT INTO fragments VALUES (1, 'h', 'A fragment.');
INSERT INTO prompt_fragments VALUES ('r1', 1, 0);
INSERT INTO prompt_attachments VALUES ('r1', 'at', 0);
INSERT INTO messages VALUES ('m1', NULL, 'user', NULL), ('m2', 'm1', 'assistant', NULL), ('m3', 'm1', 'assistant', NULL);
INSERT INTO parts VALUES (1, 'm1', 0, 'text', NULL, NULL, '{"text_ref": [{"literal": "See: "}, {"fragment": 1}]}'),
  (2, 'm1', 1, 'attachment', NULL, NULL, '{"attachment": {"id": "at"}}'),
  (3, 'm2', 0, 'reasoning', NULL, 'So', NULL), (4, 'm2', 1, 'text', NULL, 'First', NULL), (5, 'm3', 0, 'text', NULL, 'Second', NULL);
INSERT INTO threads VALUES ('t1', 'New store', 'm2', NULL, '2026-01-01T00:00:00'), ('t2', NULL, 'm3', 't1', '2026-01-02T00:00:00');
INSERT INTO turns VALUES ('u1', 't1', NULL, 'm2', 'gpt-5', NULL, '{}', 1, 2, '2026-01-01T00:00:00'),
  ('u2', 't2', 'm1', 'm3', 'gpt-5', NULL, '{}', 1, 2, '2026-01-02T00:00:00');
