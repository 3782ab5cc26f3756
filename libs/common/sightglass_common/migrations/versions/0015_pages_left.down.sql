DROP INDEX scan_part_page;
