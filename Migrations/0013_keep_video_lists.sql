-- Where in a list of videos a page begins, found without walking there. Every list (of a team, of a project, of what was made
-- from a master, of clips that belong together) keeps how many videos it has and, for either order, how many of them lie
-- between two times: parts of at most 512. A page at any place is found by adding the parts up and walking one or two.
--
-- Triggers keep this in the transaction of the change itself. They lock the row of a list before its parts, teams first, then
-- projects, masters and clips: changes of one list follow each other, and none wait in a circle.
--
-- Locks videos against writes while the lists are filled: a few seconds for a million videos.

CREATE TABLE video_lists (
    id uuid CONSTRAINT video_lists_pkey PRIMARY KEY,
    -- What the id is of: the column of videos, less _id.
    kind text NOT NULL CONSTRAINT video_lists_kind_check CHECK (kind IN ('team', 'project', 'master', 'clip')),
    clips bigint NOT NULL CONSTRAINT video_lists_clips_check CHECK (clips >= 0),
    others bigint NOT NULL CONSTRAINT video_lists_others_check CHECK (others >= 0)
) WITH (fillfactor = 50);

CREATE TABLE video_list_parts (
    list_id uuid NOT NULL CONSTRAINT video_list_parts_list_id_fkey REFERENCES video_lists ON DELETE CASCADE,
    sort text NOT NULL CONSTRAINT video_list_parts_sort_check CHECK (sort IN ('created_at', 'updated_at')),
    -- Videos of this time and later, before the next part's. The first part has no beginning.
    lower timestamptz NOT NULL,
    clips bigint NOT NULL CONSTRAINT video_list_parts_clips_check CHECK (clips >= 0),
    others bigint NOT NULL CONSTRAINT video_list_parts_others_check CHECK (others >= 0),
    CONSTRAINT video_list_parts_pkey PRIMARY KEY (list_id, sort, lower)
) WITH (fillfactor = 50);

-- Every list in either order.
CREATE INDEX videos_project_id_updated_at_idx ON videos (project_id, updated_at, id);
CREATE INDEX videos_master_id_created_at_idx ON videos (master_id, created_at, id);
CREATE INDEX videos_master_id_updated_at_idx ON videos (master_id, updated_at, id);
CREATE INDEX videos_clip_id_created_at_idx ON videos (clip_id, created_at, id) WHERE clip_id IS NOT NULL;
CREATE INDEX videos_clip_id_updated_at_idx ON videos (clip_id, updated_at, id) WHERE clip_id IS NOT NULL;
DROP INDEX videos_master_id_idx;
DROP INDEX videos_clip_id_idx;

-- The lists that a video is in, in the order in which they are locked. A master is not in its own.
CREATE FUNCTION lists_of_video(team_id uuid, project_id uuid, kind text, master_id uuid, clip_id uuid)
    RETURNS TABLE (place integer, list_kind text, list_id uuid) LANGUAGE sql IMMUTABLE
AS $$
    SELECT 1, 'team', team_id
    UNION ALL SELECT 2, 'project', project_id
    UNION ALL SELECT 3, 'master', master_id WHERE kind <> 'master'
    UNION ALL SELECT 4, 'clip', clip_id WHERE clip_id IS NOT NULL
$$;

-- Makes parts of about 256 out of one that has grown too large. Videos of one microsecond stay together.
CREATE FUNCTION split_video_list_part(list uuid, list_kind text, part_sort text, part_lower timestamptz)
    RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    upper timestamptz;
BEGIN
    SELECT coalesce(min(p.lower), 'infinity') INTO upper
    FROM video_list_parts p WHERE p.list_id = list AND p.sort = part_sort AND p.lower > part_lower;
    DELETE FROM video_list_parts p WHERE p.list_id = list AND p.sort = part_sort AND p.lower = part_lower;
    EXECUTE format(
        $sql$
        INSERT INTO video_list_parts (list_id, sort, lower, clips, others)
        SELECT $1, $2, CASE WHEN chunk = 0 THEN $3 ELSE min(time) END, count(*) FILTER (WHERE kind = 'clip'),
            count(*) FILTER (WHERE kind <> 'clip')
        FROM (
            SELECT %1$I AS time, kind, (rank() OVER (ORDER BY %1$I) - 1) / 256 AS chunk FROM videos
            WHERE %2$I = $1 AND (kind <> 'master' OR %2$L <> 'master_id') AND %1$I >= $3 AND %1$I < $4
        ) rows GROUP BY chunk
        $sql$, part_sort, list_kind || '_id')
        USING list, part_sort, part_lower, upper;
END
$$;

CREATE FUNCTION list_videos() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    list record;
    part record;
BEGIN
    FOR list IN
        SELECT l.place, l.list_kind AS kind, l.list_id AS id, count(*) FILTER (WHERE c.kind = 'clip') AS clips,
            count(*) FILTER (WHERE c.kind <> 'clip') AS others
        FROM changed c CROSS JOIN LATERAL lists_of_video(c.team_id, c.project_id, c.kind, c.master_id, c.clip_id) l
        GROUP BY l.place, l.list_kind, l.list_id ORDER BY l.place, l.list_id
    LOOP
        IF TG_OP = 'INSERT' THEN
            INSERT INTO video_lists AS l (id, kind, clips, others) VALUES (list.id, list.kind, list.clips, list.others)
            ON CONFLICT (id) DO UPDATE SET clips = l.clips + excluded.clips, others = l.others + excluded.others;
            INSERT INTO video_list_parts (list_id, sort, lower, clips, others)
            VALUES (list.id, 'created_at', '-infinity', 0, 0), (list.id, 'updated_at', '-infinity', 0, 0) ON CONFLICT DO NOTHING;
        ELSE
            UPDATE video_lists SET clips = clips - list.clips, others = others - list.others WHERE id = list.id;
        END IF;
        FOR part IN
            UPDATE video_list_parts p SET clips = p.clips + sign * n.clips, others = p.others + sign * n.others
            FROM (
                SELECT s.sort, (
                        SELECT max(q.lower) FROM video_list_parts q WHERE q.list_id = list.id AND q.sort = s.sort AND q.lower <= s.time
                    ) AS lower, count(*) FILTER (WHERE c.kind = 'clip') AS clips, count(*) FILTER (WHERE c.kind <> 'clip') AS others
                FROM changed c CROSS JOIN LATERAL lists_of_video(c.team_id, c.project_id, c.kind, c.master_id, c.clip_id) l
                    CROSS JOIN LATERAL (VALUES ('created_at', c.created_at), ('updated_at', c.updated_at)) s (sort, time)
                WHERE l.list_id = list.id GROUP BY 1, 2
            ) n
            WHERE p.list_id = list.id AND p.sort = n.sort AND p.lower = n.lower
            RETURNING p.sort, p.lower, p.clips + p.others AS size
        LOOP
            IF part.size > 512 THEN PERFORM split_video_list_part(list.id, list.kind, part.sort, part.lower); END IF;
        END LOOP;
        IF TG_OP = 'DELETE' THEN
            DELETE FROM video_list_parts WHERE list_id = list.id AND clips + others = 0 AND lower > '-infinity';
            DELETE FROM video_lists WHERE id = list.id AND clips + others = 0;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION move_listed_video() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    list record;
    old_part timestamptz;
    new_part timestamptz;
    clip integer := CASE NEW.kind WHEN 'clip' THEN 1 ELSE 0 END;
    size bigint;
BEGIN
    FOR list IN
        SELECT l.list_kind AS kind, l.list_id AS id
        FROM lists_of_video(NEW.team_id, NEW.project_id, NEW.kind, NEW.master_id, NEW.clip_id) l ORDER BY l.place
    LOOP
        PERFORM FROM video_lists WHERE id = list.id FOR NO KEY UPDATE;
        SELECT max(lower) FILTER (WHERE lower <= OLD.updated_at), max(lower) FILTER (WHERE lower <= NEW.updated_at)
        INTO old_part, new_part FROM video_list_parts WHERE list_id = list.id AND sort = 'updated_at';
        IF old_part <> new_part THEN
            UPDATE video_list_parts SET clips = clips - clip, others = others - 1 + clip
            WHERE list_id = list.id AND sort = 'updated_at' AND lower = old_part RETURNING clips + others INTO size;
            IF size = 0 AND old_part > '-infinity' THEN
                DELETE FROM video_list_parts WHERE list_id = list.id AND sort = 'updated_at' AND lower = old_part;
            END IF;
            UPDATE video_list_parts SET clips = clips + clip, others = others + 1 - clip
            WHERE list_id = list.id AND sort = 'updated_at' AND lower = new_part RETURNING clips + others INTO size;
            IF size > 512 THEN PERFORM split_video_list_part(list.id, list.kind, 'updated_at', new_part); END IF;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE TRIGGER videos_list_inserted AFTER INSERT ON videos REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION list_videos();
CREATE TRIGGER videos_list_deleted AFTER DELETE ON videos REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION list_videos();
CREATE TRIGGER videos_list_updated AFTER UPDATE OF updated_at ON videos
    FOR EACH ROW WHEN (OLD.updated_at <> NEW.updated_at) EXECUTE FUNCTION move_listed_video();

INSERT INTO video_lists (id, kind, clips, others)
    SELECT l.list_id, l.list_kind, count(*) FILTER (WHERE v.kind = 'clip'), count(*) FILTER (WHERE v.kind <> 'clip')
    FROM videos v CROSS JOIN LATERAL lists_of_video(v.team_id, v.project_id, v.kind, v.master_id, v.clip_id) l
    GROUP BY l.list_id, l.list_kind;
INSERT INTO video_list_parts (list_id, sort, lower, clips, others)
    SELECT id, sort, '-infinity', clips, others FROM video_lists CROSS JOIN (VALUES ('created_at'), ('updated_at')) s (sort);
SELECT split_video_list_part(p.list_id, l.kind, p.sort, p.lower)
    FROM video_list_parts p JOIN video_lists l ON l.id = p.list_id WHERE p.clips + p.others > 512;
