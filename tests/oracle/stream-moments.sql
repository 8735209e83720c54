-- The rules of pipelines/stream-moments.json, written a second time for PostgreSQL: plain SQL over the whole input.
-- Input tables: chat, viewer, transactions, stream_meta (seq integer, e jsonb). No row of the input is late.
CREATE TABLE lexicon AS
  SELECT word, 1::float8 AS weight FROM unnest(string_to_array('love great awesome amazing excellent good best wonderful fantastic perfect happy thanks lol haha nice cool fun enjoy excited pog pogchamp kekw', ' ')) AS word
  UNION ALL
  SELECT word, -1 FROM unnest(string_to_array('hate bad terrible awful worst sucks boring annoying stupid dumb trash cringe fail rip sad angry mad disappointed frustrated', ' ')) AS word;

CREATE TABLE message AS
  SELECT seq, coalesce(e->>'channel', e->>'stream_id') AS stream_id, (e->>'timestamp')::timestamptz AS t, e->>'user_id' AS user_id, e->'emotes' AS emotes,
    (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE greatest(-1, least(1, coalesce(sum(weight), 0) / count(*))) END
     FROM regexp_matches(lower(replace(e->>'message', '’', '''')), '[[:alnum:]]+(?:''[[:alnum:]]+)*', 'g') AS found(token)
     LEFT JOIN lexicon ON word = found.token[1]) AS sentiment
  FROM chat;

CREATE TABLE chat_window AS
  SELECT m.*, date_bin('10 s', t, 'epoch') - k * interval '10 s' AS window_start FROM message AS m, generate_series(0, 5) AS k;

CREATE TABLE chat_summary AS
  SELECT stream_id, window_start, window_start + interval '1 min' AS window_end, count(*) AS chat_count, count(DISTINCT user_id) AS unique_chatters,
    coalesce((SELECT array_agg(emote ORDER BY n DESC, emote COLLATE "C") FROM (
      SELECT emote, count(*) AS n FROM chat_window AS c, jsonb_array_elements_text(c.emotes) AS emote
      WHERE c.stream_id = w.stream_id AND c.window_start = w.window_start
      GROUP BY emote ORDER BY n DESC, emote COLLATE "C" LIMIT 10) AS best), '{}') AS top_emotes,
    avg(sentiment) AS sentiment_score, count(*) FILTER (WHERE sentiment > 0) AS positive_count, count(*) FILTER (WHERE sentiment < 0) AS negative_count,
    count(*) / 60.0::float8 AS chat_rate
  FROM chat_window AS w GROUP BY stream_id, window_start;

CREATE TABLE viewer_event AS
  SELECT seq, coalesce(e->>'channel', e->>'stream_id') AS stream_id, (e->>'timestamp')::timestamptz AS t, (e->>'viewer_count')::bigint AS viewer_count,
    coalesce((e->>'unique_viewers')::bigint, (e->>'chatter_count')::bigint) AS unique_viewers
  FROM viewer;

CREATE TABLE viewer_window AS
  SELECT stream_id, window_start, window_start + interval '1 min' AS window_end, avg(viewer_count::float8) AS avg_viewers
  FROM (SELECT v.*, date_bin('10 s', t, 'epoch') - k * interval '10 s' AS window_start FROM viewer_event AS v, generate_series(0, 5) AS k) AS placed
  GROUP BY stream_id, window_start;

-- Z1-Z3: the last 30 of every sixth row before the current one; the first five windows of a stream are partial.
CREATE FUNCTION with_z(source regclass, value_column text)
RETURNS TABLE (stream_id text, window_start timestamptz, value float8, z_score float8, baseline_mean float8, baseline_stddev float8) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format($q$
    WITH numbered AS (SELECT s.stream_id, s.window_start, s.%I::float8 AS v, row_number() OVER (PARTITION BY s.stream_id ORDER BY s.window_start) AS i FROM %s AS s)
    SELECT n.stream_id, n.window_start, n.v,
      CASE WHEN b.n >= 10 THEN (n.v - b.mean) / greatest(b.spread, 0.01 * abs(b.mean), 1e-9) END,
      CASE WHEN b.n >= 10 THEN b.mean END, CASE WHEN b.n >= 10 THEN b.spread END
    FROM numbered AS n, LATERAL (
      SELECT count(*) AS n, avg(v) AS mean, stddev_pop(v) AS spread FROM (
        SELECT p.v FROM numbered AS p WHERE p.stream_id = n.stream_id AND p.i < n.i AND (n.i - p.i) %% 6 = 0 AND p.i > 5 ORDER BY p.i DESC LIMIT 30) AS before) AS b
  $q$, value_column, source);
END $$;

CREATE TABLE chat_z AS SELECT * FROM with_z('chat_summary', 'chat_rate');
CREATE TABLE viewer_z AS SELECT * FROM with_z('viewer_window', 'avg_viewers');

CREATE VIEW expected_chat_summary_minute AS
  SELECT c.stream_id, c.window_start, c.window_end, chat_count, unique_chatters, top_emotes, sentiment_score, positive_count, negative_count, chat_rate,
    avg_viewers, z_score, coalesce(abs(z_score) > 3, false) AS is_anomaly
  FROM chat_summary AS c JOIN chat_z AS z USING (stream_id, window_start) LEFT JOIN viewer_window AS v USING (stream_id, window_start);

CREATE VIEW expected_moments AS
  SELECT z.stream_id, 'chat_spike' AS moment_type, 'z_score' AS detection_method, z.window_start AS timestamp, z.value, 3.0::float8 AS threshold, z.z_score,
    format('chat %s to %s/s, z %s', CASE WHEN z.z_score > 0 THEN 'rose' ELSE 'fell' END, z.value::numeric(15,1), z.z_score::numeric(15,1)) AS description,
    json_build_object('chat_count', chat_count, 'baseline_mean', baseline_mean, 'baseline_stddev', baseline_stddev) AS context
  FROM chat_z AS z JOIN chat_summary USING (stream_id, window_start) WHERE abs(z.z_score) > 3
  UNION ALL
  SELECT z.stream_id, 'viewer_spike', 'z_score', z.window_start, z.value, 3.0, z.z_score,
    format('viewers %s to %s, z %s', CASE WHEN z.z_score > 0 THEN 'rose' ELSE 'fell' END, z.value::numeric(15,1), z.z_score::numeric(15,1)),
    json_build_object('avg_viewers', z.value, 'baseline_mean', baseline_mean, 'baseline_stddev', baseline_stddev)
  FROM viewer_z AS z WHERE abs(z.z_score) > 3;

CREATE VIEW expected_viewer_timeseries AS
  SELECT DISTINCT ON (stream_id, t) stream_id, t AS timestamp, viewer_count, unique_viewers FROM viewer_event ORDER BY stream_id, t, seq DESC;

CREATE VIEW expected_transactions AS
  SELECT DISTINCT ON (e->>'transaction_id') e->>'transaction_id' AS transaction_id, coalesce(e->>'channel', e->>'stream_id') AS stream_id, e->>'user_id' AS user_id,
    (e->>'amount')::float8::numeric(15,2) AS amount, coalesce(e->>'currency', 'USD') AS currency, e->>'transaction_type' AS transaction_type, (e->>'timestamp')::timestamptz AS timestamp
  FROM transactions ORDER BY e->>'transaction_id', (e->>'timestamp')::timestamptz DESC, seq DESC;

CREATE VIEW expected_streams AS
  WITH m AS (SELECT seq, coalesce(e->>'channel', e->>'stream_id') AS stream_id, (e->>'timestamp')::timestamptz AS t, e FROM stream_meta),
  last_of AS (SELECT stream_id,
      array_agg(coalesce(e->>'new_title', e->>'title') ORDER BY t DESC, seq DESC) FILTER (WHERE coalesce(e->>'new_title', e->>'title') IS NOT NULL) AS titles,
      array_agg(coalesce(e->>'new_category', e->>'category') ORDER BY t DESC, seq DESC) FILTER (WHERE coalesce(e->>'new_category', e->>'category') IS NOT NULL) AS categories,
      array_agg(e->>'event_type' = 'stream_start' ORDER BY t DESC, seq DESC) FILTER (WHERE e->>'event_type' IN ('stream_start', 'stream_end')) AS lives,
      array_agg(coalesce((e->>'started_at')::timestamptz, t) ORDER BY t DESC, seq DESC) FILTER (WHERE e->>'event_type' = 'stream_start') AS starts, max(t) AS updated_at
    FROM m GROUP BY stream_id)
  SELECT stream_id, titles[1] AS title, categories[1] AS category, lives[1] AS is_live, starts[1] AS started_at, updated_at FROM last_of;
