import QuotaModel

/// How many tokens a prompt has, told from its bytes.
///
/// For each model it follows the mean and the deviation of tokens per byte, as backends report
/// them, with weights that fade. An estimate is the mean and one deviation more: most estimates are
/// a little high, so that the hold is rarely short. Source of the running figures: T. Finch,
/// "Incremental calculation of weighted mean and variance" (2009), section 9.
package struct InputEstimator: Sendable {
    /// Tokens per byte of a model that nothing is known of: four bytes a token.
    package static let firstRatio = 0.25
    /// Shorter prompts teach nothing: the tokens that a model's template adds outweigh theirs.
    package static let fewestBytes = 64
    /// Fewer tokens per byte are no text: a picture, or a report that is wrong.
    package static let lowestRatio = 1.0 / 64
    /// No text has more tokens per byte.
    package static let highestRatio = 2.0

    /// After how many samples the weight of a new one stays: at 1/32.
    private static let mostSamples = 32
    /// How many samples the first ratio counts for.
    private static let firstSamples = 4

    /// What is known of a model.
    private struct Calibration {
        var mean = InputEstimator.firstRatio
        /// Begins with a deviation of a quarter of the mean.
        var variance = InputEstimator.firstRatio * InputEstimator.firstRatio / 16
        /// Counts up to where the weight no longer changes.
        var samples = InputEstimator.firstSamples
    }

    private var calibrations: [Calibration]

    /// Creates an estimator for models, which are known by their index from now on.
    package init(models: Int) {
        calibrations = Array(repeating: Calibration(), count: max(0, models))
    }

    /// How many tokens a prompt of so many bytes has, probably less: at least 1.
    package func estimate(bytes: Int, model: Int) -> Int64 {
        let known = calibrations.indices.contains(model) ? calibrations[model] : Calibration()
        let ratio = known.mean + known.variance.squareRoot()
        // Far below the end of the range of integers.
        let tokens = min(Double(max(0, bytes)) * ratio, Double(Amount.maximum / 2))
        return max(1, Int64(tokens.rounded(.up)))
    }

    /// Learns what a backend counted; what can't be true of text is not learned from.
    package mutating func observe(tokens: Int64, bytes: Int, model: Int) {
        guard calibrations.indices.contains(model), bytes >= Self.fewestBytes, tokens > 0 else {
            return
        }
        let ratio = Double(tokens) / Double(bytes)
        guard ratio >= Self.lowestRatio, ratio <= Self.highestRatio else { return }
        let samples = min(calibrations[model].samples + 1, Self.mostSamples)
        calibrations[model].samples = samples
        let weight = 1 / Double(samples)
        let difference = ratio - calibrations[model].mean
        let increment = weight * difference
        calibrations[model].mean += increment
        calibrations[model].variance =
            (1 - weight) * (calibrations[model].variance + difference * increment)
    }
}
