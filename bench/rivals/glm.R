# R's glm and package sandwich: the fractional logit as a quasi-binomial model, variance clustered by city.
library(sandwich)
folder <- commandArgs(trailingOnly = TRUE)[1]
panel <- read.csv(file.path(folder, "panel.csv"))
panel$share <- panel$output / (panel$output + panel$capital)
logs <- c("labour", "energy", "co2", "so2")
panel[logs] <- log(panel[logs])
terms <- c(logs, "policy")
cat("uses R", as.character(getRversion()), "and sandwich", as.character(packageVersion("sandwich")), "\n")
fits <- 5
begin <- proc.time()
for (k in 1:fits) {
    fit <- glm(reformulate(terms, "share"), quasibinomial, panel, control = glm.control(epsilon = 1e-10))
    error <- sqrt(diag(vcovCL(fit, cluster = panel$city, type = "HC0", cadjust = FALSE)))
}
cat(sprintf("time share %.9g %d\n", sum((proc.time() - begin)[1:2]) / fits, fits))
cat(sprintf("answer share %s %.17g\n", c("_cons", terms), coef(fit)), sep = "")
cat(sprintf("answer share %s.se %.17g\n", c("_cons", terms), error), sep = "")
