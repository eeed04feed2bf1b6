# R's package lpSolve: radial input efficiency, one lp() a unit, as its manual has it.
library(lpSolve)
folder <- commandArgs(trailingOnly = TRUE)[1]
panel <- read.csv(file.path(folder, "panel.csv"))
columns <- c("capital", "labour", "energy", "output", "co2", "so2")
all <- t(as.matrix(panel[, columns]))
all <- all / rowMeans(all)
inputs <- 1:3
cat("uses lpSolve", as.character(packageVersion("lpSolve")), "\n")
for (units in c(242, 2904)) {
    a <- if (units == 242) all[, panel$year == 0] else all
    sample <- if (units == 242) seq(1, 242, by = 4) else seq(1, 2904, by = 181)
    for (returns in c("crs", "vrs")) {
        workload <- paste("radial", returns, units, sep = "-")
        objective <- c(1, rep(0, units))
        direction <- c("<=", "<=", "<=", ">=", "<=", "<=")
        rows <- cbind(0, a)
        if (returns == "vrs") {
            rows <- rbind(rows, c(0, rep(1, units)))
            direction <- c(direction, "=")
        }
        scores <- numeric(length(sample))
        begin <- proc.time()
        for (k in seq_along(sample)) {
            o <- sample[k]
            rows[inputs, 1] <- -a[inputs, o]
            right <- c(0, 0, 0, a[4:6, o], if (returns == "vrs") 1)
            found <- lp("min", objective, rows, direction, right)
            scores[k] <- if (found$status == 0) found$objval else NaN
        }
        seconds <- sum((proc.time() - begin)[1:2])
        cat(sprintf("time %s %.9g %d\n", workload, seconds / length(sample), length(sample)))
        cat(sprintf("answer %s %d %.17g\n", workload, sample - 1, scores), sep = "")
    }
}
