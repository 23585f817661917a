-- Finding: version 7 made others in their place, by which the release before already finds.
DROP INDEX connections_wordless;
DROP INDEX connections_reason_list;
