#include <limits>

#include "engine/columns.hpp"
#include "engine/stages/regression_store.hpp"
#include "kernels/panel/iv.hpp"

namespace greenfront::stages {
namespace {

using panel::FirstStage;
using panel::WeakInstruments;

/// One value for each endogenous variable, in the order of attribute `endogenous`.
void store_first_stages(ResultGroup& group, const WeakInstruments& iv) {
    std::vector<std::string> kept;
    for (const FirstStage& stage : iv.first_stage) kept.push_back(stage.endogenous);
    group.attributes.emplace_back("first_stage_of", kept);
    const auto list = [&](const char* name, double FirstStage::*member) {
        std::vector<double> values;
        for (const FirstStage& stage : iv.first_stage) values.push_back(stage.*member);
        group.attributes.emplace_back(name, values);
    };
    list("first_stage_f", &FirstStage::f);
    list("first_stage_df1", &FirstStage::df1);
    list("first_stage_df2", &FirstStage::df2);
    list("first_stage_p", &FirstStage::p_value);
    list("first_stage_partial_r2", &FirstStage::partial_r2);
    list("sanderson_windmeijer_f", &FirstStage::sanderson_windmeijer_f);
    list("sanderson_windmeijer_df1", &FirstStage::sanderson_windmeijer_df1);
    list("sanderson_windmeijer_p", &FirstStage::sanderson_windmeijer_p);
}

void store_anderson_rubin(ResultGroup& group, const panel::AndersonRubin& test) {
    group.attributes.insert(group.attributes.end(), {{"anderson_rubin_f", test.f},
                                                     {"anderson_rubin_df1", test.df1},
                                                     {"anderson_rubin_df2", test.df2},
                                                     {"anderson_rubin_p", test.p_value}});
    if (!test.confidence) return;
    std::vector<double> low, high;
    for (const auto& part : *test.confidence) {
        low.push_back(part.low);
        high.push_back(part.high);
    }
    group.attributes.insert(group.attributes.end(),
                            {{"anderson_rubin_low", low}, {"anderson_rubin_high", high}});
}

/// NAME, NAME_df, NAME_p; NaN where there is nothing to test.
void store_test(ResultGroup& group, const std::string& name, const panel::ChiSquared& test, bool defined) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    group.attributes.insert(group.attributes.end(), {{name, defined ? test.statistic : none},
                                                     {name + "_df", test.df},
                                                     {name + "_p", defined ? test.p_value : none}});
}

}  // namespace

void store_instruments(ResultGroup& group, const panel::Design& design, const WeakInstruments& iv) {
    group.attributes.insert(group.attributes.end(), {{"endogenous", design.endogenous_name},
                                                     {"instruments", iv.instrument_names},
                                                     {"kp_rk_wald_f", iv.kp_wald_f},
                                                     {"cragg_donald_f", iv.cragg_donald_f},
                                                     {"stock_yogo_size", iv.stock_yogo_size},
                                                     {"stock_yogo_bias", iv.stock_yogo_bias},
                                                     {"overid_test", iv.overid_test},
                                                     {"effective_f", iv.effective.f},
                                                     {"effective_f_critical", iv.effective.critical},
                                                     {"effective_f_df", iv.effective.df},
                                                     {"liml_k", iv.liml_k}});
    store_test(group, "kp_rk_lm", iv.lm, true);
    store_test(group, "overid", iv.overid, !iv.overid_test.empty());  // exactly identified: nothing to test
    store_test(group, "stock_wright_s", iv.stock_wright, true);
    store_test(group, "endogeneity", iv.endogeneity, true);
    store_test(group, "liml_overid", iv.liml_overid, true);
    store_anderson_rubin(group, iv.anderson_rubin);
    store_test(group, "anderson_rubin_chi2", iv.anderson_rubin.chi_squared, true);
    store_first_stages(group, iv);
}

}  // namespace greenfront::stages
