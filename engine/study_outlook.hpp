#pragma once
#include <cstdint>
#include <string>
#include <vector>

/// What a study says beyond its own numbers: figures published elsewhere to compare with, and specification
/// curves. Part of engine/study.hpp, which names the visitors.
namespace greenfront {

struct PublishedStage {
    std::string file;    ///< CSV relative to the study file, or embedded:NAME; empty: none
    std::string source;  ///< where the figures were published
};

/// One regression of a specification curve, with the choices that made it.
struct Specification {
    std::string regression, dea, index, term;  ///< names of its stages and of the term in it; empty: none
    std::string winsorize;                     ///< "off" or "1-99"; empty: as the stages say
};

/// Alternatives to a study's own choices; engine/curve.hpp makes stages of them.
struct CurveStage {
    std::string regression, term;
    std::string dea;
    std::vector<std::string> models, references, returns;
    std::string index;
    std::vector<std::string> methods;
    std::vector<double> weights;  ///< of method fixed
    std::vector<std::string> winsorize;
    std::vector<Specification> made;  ///< not in the file; the first is the study's own choice
};

template <class V>
void describe(PublishedStage& s, V& v) {
    v.field("file", s.file,
            "CSV of the figures, relative to the study file, or embedded:huang2025 (docs/formats/input.md)");
    v.field("source", s.source, "where they were published");
}
template <class V>
void describe(CurveStage& s, V& v) {
    v.required("regression", s.regression, "the regression that is estimated again with each choice");
    v.required("term", s.term, "the coefficient that is compared, a regressor of that regression");
    v.field("dea", s.dea, "dea stage whose choices vary; the regression uses its column");
    v.field("models", s.models,
            "models instead of its own: [super-]MODEL[:DISPOSABILITY], such as sbm, super-sbm, ddf:strong; "
            "ddf and nddf enter as 1 / (1 + score)");
    v.field("references", s.references, "reference sets instead of its own");
    v.field("returns", s.returns, "returns to scale instead of its own");
    v.field("index", s.index, "index stage whose choices vary; the regression uses its column");
    v.field("methods", s.methods, "weighting methods instead of its own");
    v.field("weights", s.weights, "method fixed: one weight an indicator, positive ones first");
    v.field("winsorize", s.winsorize,
            "clipping of both stages' columns instead of their own: off, or percentiles such as 1-99");
}

}  // namespace greenfront
