# R's survival: a tobit is a Gaussian survival model, censored on the left; robust variance, clustered by city.
library(survival)
folder <- commandArgs(trailingOnly = TRUE)[1]
panel <- read.csv(file.path(folder, "panel.csv"))
floor <- 0.2
panel$share <- pmax(panel$output / (panel$output + panel$capital), floor)
logs <- c("labour", "energy", "co2", "so2")
panel[logs] <- log(panel[logs])
terms <- c(logs, "policy")
cat("uses R", as.character(getRversion()), "and survival", as.character(packageVersion("survival")), "\n")
outcome <- "Surv(share, share > floor, type = 'left')"
fits <- 5
begin <- proc.time()
for (k in 1:fits) {
    fit <- survreg(reformulate(terms, outcome), panel, dist = "gaussian", cluster = city, robust = TRUE,
                   control = survreg.control(rel.tolerance = 1e-12))
    error <- sqrt(diag(vcov(fit)))[1:6]
}
cat(sprintf("time censored %.9g %d\n", sum((proc.time() - begin)[1:2]) / fits, fits))
cat(sprintf("answer censored %s %.17g\n", c("_cons", terms), coef(fit)), sep = "")
cat(sprintf("answer censored %s.se %.17g\n", c("_cons", terms), error), sep = "")
cat(sprintf("answer censored sigma %.17g\n", fit$scale))
