* Results of Greenfront in Stata 14 or later: scores beside the panel, the regression again, coefficients and scenarios as datasets.
* The example is the study that comes with the program. First, in a shell:
*
*     greenfront export results.h5 panel --format dta -o panel.dta
*     greenfront export results.h5 dea/eff --format dta -o scores.dta
*     greenfront export results.h5 index/capacity/unit --format dta -o capacity.dta
*     greenfront export results.h5 tidy --format dta -o tidy.dta
*     greenfront export results.h5 glance --format dta -o glance.dta
*     greenfront export results.h5 bootstrap/controls/replicate --format dta -o draws.dta
*     greenfront export results.h5 sweep/energy_or_carbon --format dta -o scenarios.dta
*
* Units and periods are the variables unit and time whatever the panel called them; the panel's own name is in the variable label.
* Names that Stata does not take are changed (std.error: std_error), with the old one in the label.
version 14
clear all

* 1. Efficiency scores. A score without a value has a status that says why: optimal, infeasible, unbounded, undefined, failed.
use "scores.dta", clear
tabulate status
tabstat score if status == 0, by(time) statistics(n mean sd min p50 max)

* 2. The panel with scores and index. The index comes with a variable for each period.
use "capacity.dta", clear
reshape long score_, i(unit) j(time)
rename score_ capacity
save "capacity_long.dta", replace
use "scores.dta", clear
keep unit time score status
rename score eff
merge 1:1 unit time using "panel.dta", assert(match) nogenerate
merge 1:1 unit time using "capacity_long.dta", assert(match) nogenerate
encode unit, generate(id)
xtset id time

* 3. The regression of the study again. reghdfe (ssc install reghdfe ftools) has the conventions of Greenfront's default, so that
* coefficients, standard errors, degrees of freedom and p are those of tidy.dta; areg would count the absorbed effects, too.
capture which reghdfe
if _rc == 0 {
    reghdfe eff capacity income industry openness urban government, absorb(id time) vce(cluster id)
}
else {
    areg eff capacity income industry openness urban government i.time, absorb(id) vce(cluster id)
}

* 4. Coefficients of all regressions, a row each.
use "tidy.dta", clear
list model term estimate std_error p_value conf_low conf_high if term == "capacity", noobs
merge m:1 model using "glance.dta", keepusing(nobs within_r_squared) nogenerate
list model estimate nobs within_r_squared if term == "capacity", noobs

* 5. Replicates of a bootstrap.
use "draws.dta", clear
summarize draw_capacity, detail
histogram draw_capacity, normal

* 6. Scenarios, best first.
use "scenarios.dta", clear
sort rank
list rank scenario intensity_retrofit intensity_fuel_switch econometric_effect econometric_low econometric_high frontier_effect, noobs
twoway (rcap econometric_low econometric_high rank) (scatter econometric_effect rank)
