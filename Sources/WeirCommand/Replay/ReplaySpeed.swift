import ArgumentParser

/// How fast a trace is played.
enum ReplaySpeed: Equatable, Sendable, ExpressibleByArgument {
    /// As fast as the server answers.
    case max
    /// So many times faster than it was recorded.
    case times(Double)

    init?(argument: String) {
        if argument == "max" {
            self = .max
            return
        }
        guard let factor = Double(argument), factor.isFinite, factor > 0 else { return nil }
        self = .times(factor)
    }

    /// When, after the start of the replay, a row is due.
    func due(_ offset: Duration) -> Duration {
        switch self {
        case .max: .zero
        case .times(let factor): offset / factor
        }
    }
}
