import QuotaModel

/// A what-if as nobody would write it: each request looks at all that were let through before it.
struct NaiveWhatIf {
    /// A request of the history.
    struct Request {
        let at: Timestamp
        let key: String
        let model: String?
        let units: Int64
    }

    let limits: [Limit]
    private var passed: [Request] = []
    private(set) var refused: [[Int64]]

    init(_ limits: [Limit]) {
        self.limits = limits
        refused = limits.map { _ in [0, 0] }
    }

    mutating func take(_ request: Request, reports: Bool) {
        var isRefused = false
        for (index, limit) in limits.enumerated() where concerns(limit, request) {
            guard let quantity = limit.quantity, !fits(request, limit, quantity) else { continue }
            if limit.mode == .enforce { isRefused = true }
            if reports {
                refused[index][0] += 1
                refused[index][1] += request.units
            }
        }
        if !isRefused { passed.append(request) }
    }

    private func concerns(_ limit: Limit, _ request: Request) -> Bool {
        switch limit.scope {
        case .tenant: true
        case .key: request.key != "_service"
        case .model(let name): name.text == request.model
        case .organization: false
        }
    }

    private func isShared(_ earlier: Request, _ request: Request, _ limit: Limit) -> Bool {
        if case .key = limit.scope { return earlier.key == request.key }
        return concerns(limit, earlier)
    }

    private func fits(_ request: Request, _ limit: Limit, _ quantity: Int64) -> Bool {
        let earlier = passed.filter { isShared($0, request, limit) }
        guard let window = limit.window.rateNanoseconds, let burst = limit.effectiveBurst else {
            let used =
                earlier.filter { period($0.at, limit.window) == period(request.at, limit.window) }
                .reduce(0) { $0 + $1.units }
            return used + request.units <= quantity
        }
        // What is missing to a full bucket, from the first request on.
        var missing: Int128 = 0
        var last = request.at
        for (index, one) in earlier.enumerated() {
            if index > 0 {
                missing = max(
                    0, missing - Int128(one.at.nanoseconds - last.nanoseconds) * Int128(quantity))
            }
            missing += Int128(one.units) * Int128(window)
            last = one.at
        }
        missing = max(
            0, missing - Int128(request.at.nanoseconds - last.nanoseconds) * Int128(quantity))
        return missing + Int128(request.units) * Int128(window) <= Int128(burst) * Int128(window)
    }

    /// The period of an instant in UTC, by the digits of its date.
    private func period(_ instant: Timestamp, _ window: Window) -> String {
        let date = instant.date.description
        return switch window {
        case .day: date
        case .month: String(date.prefix(7))
        case .year: String(date.prefix(4))
        // The epoch was a Thursday.
        case .week: "\((instant.date.daysSinceEpoch + 3) / 7)"
        default: ""
        }
    }
}
