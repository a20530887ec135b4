-- Finds the parts that a changed video leaves and enters by their index, instead of reading all parts of its lists: a change
-- costs the same in a long list as in a short one. Locks nothing: only a function is replaced.

CREATE OR REPLACE FUNCTION move_listed_video() RETURNS trigger LANGUAGE plpgsql
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
        SELECT p.lower INTO old_part FROM video_list_parts p
        WHERE p.list_id = list.id AND p.sort = 'updated_at' AND p.lower <= OLD.updated_at ORDER BY p.lower DESC LIMIT 1;
        SELECT p.lower INTO new_part FROM video_list_parts p
        WHERE p.list_id = list.id AND p.sort = 'updated_at' AND p.lower <= NEW.updated_at ORDER BY p.lower DESC LIMIT 1;
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
