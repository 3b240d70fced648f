//! Confidence intervals for shares and for the net promoter score, so that no rate stands without its uncertainty.

use super::scalar::{Call, Function};

/// `wilson_low`, `wilson_high`, `nps_low`, `nps_high`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "wilson_low",
        arguments: &["successes", "trials"],
        required: 2,
        description: "Lower end of the 95 % Wilson score interval of a share; null for no trials.",
        source: "Wilson 1927",
        example: ("round(wilson_low(81, 263), 4)", "0.2553"),
        call: Call::Number(|args| wilson(args[0], args[1]).map(|interval| interval.0)),
    },
    Function {
        name: "wilson_high",
        arguments: &["successes", "trials"],
        required: 2,
        description: "Upper end of the 95 % Wilson score interval of a share; null for no trials.",
        source: "Wilson 1927",
        example: ("round(wilson_high(81, 263), 4)", "0.3662"),
        call: Call::Number(|args| wilson(args[0], args[1]).map(|interval| interval.1)),
    },
    Function {
        name: "nps_low",
        arguments: &["promoters", "detractors", "answers"],
        required: 3,
        description: "Lower end of the 95 % adjusted Wald interval of the net promoter score, from -100 to 100; null for no \
                      answers.",
        source: "Rocks 2016, The American Statistician",
        example: ("round(nps_low(5, 2, 10), 2)", "-19.05"),
        call: Call::Number(|args| {
            net_promoter(args[0], args[1], args[2]).map(|interval| interval.0)
        }),
    },
    Function {
        name: "nps_high",
        arguments: &["promoters", "detractors", "answers"],
        required: 3,
        description: "Upper end of the 95 % adjusted Wald interval of the net promoter score, from -100 to 100; null for no \
                      answers.",
        source: "Rocks 2016, The American Statistician",
        example: ("round(nps_high(5, 2, 10), 2)", "65.2"),
        call: Call::Number(|args| {
            net_promoter(args[0], args[1], args[2]).map(|interval| interval.1)
        }),
    },
];

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

fn wilson(successes: f64, trials: f64) -> Option<(f64, f64)> {
    if trials <= 0.0 || successes < 0.0 || successes > trials {
        return None;
    }
    let share = successes / trials;
    let denominator = 1.0 + Z * Z / trials;
    let centre = (share + Z * Z / (2.0 * trials)) / denominator;
    let half =
        Z / denominator * (share * (1.0 - share) / trials + Z * Z / (4.0 * trials * trials)).sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

fn net_promoter(promoters: f64, detractors: f64, answers: f64) -> Option<(f64, f64)> {
    if answers <= 0.0 || promoters < 0.0 || detractors < 0.0 || promoters + detractors > answers {
        return None;
    }
    let (promoters, detractors, answers) = (promoters + 0.75, detractors + 0.75, answers + 3.0);
    let score = (promoters - detractors) / answers;
    let error = (((promoters + detractors) / answers - score * score) / answers).sqrt();
    Some((
        ((score - Z * error) * 100.0).max(-100.0),
        ((score + Z * error) * 100.0).min(100.0),
    ))
}
