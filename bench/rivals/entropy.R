# R alone: the composite index with entropy weights, a vectorised loop over indicators.
folder <- commandArgs(trailingOnly = TRUE)[1]
panel <- read.csv(file.path(folder, "panel.csv"))
positive <- c("labour", "output", "capital")
negative <- c("energy", "co2", "so2")
cat("uses R", as.character(getRversion()), "\n")
entropy_index <- function(panel) {
    indicators <- c(positive, negative)
    z <- matrix(0, nrow(panel), length(indicators), dimnames = list(NULL, indicators))
    spread <- setNames(numeric(length(indicators)), indicators)
    for (name in indicators) {
        x <- panel[[name]]
        low <- min(x)
        high <- max(x)
        z[, name] <- if (name %in% negative) (high - x) / (high - low) else (x - low) / (high - low)
        p <- z[, name] / sum(z[, name])
        spread[name] <- 1 + sum(ifelse(p > 0, p * log(p), 0)) / log(length(p))
    }
    weight <- spread / sum(spread)
    list(weight = weight, score = drop(z %*% weight))
}
times <- 50
begin <- proc.time()
for (k in 1:times) index <- entropy_index(panel)
cat(sprintf("time entropy %.9g %d\n", sum((proc.time() - begin)[1:2]) / times, times))
cat(sprintf("answer entropy weight.%s %.17g\n", names(index$weight), index$weight), sep = "")
some <- seq(1, nrow(panel), by = 97)
cat(sprintf("answer entropy %d %.17g\n", some - 1, index$score[some]), sep = "")
