DROP TABLE scan_folder;
