DROP TABLE quota;
