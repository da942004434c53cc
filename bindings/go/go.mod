module teleai

go 1.19
