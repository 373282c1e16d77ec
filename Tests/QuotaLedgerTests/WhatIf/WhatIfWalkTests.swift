import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("what-if and a naive count say the same")
struct WhatIfWalkTests {
    @Test("of random requests under random plans", arguments: 1...60)
    func walk(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var history = WhatIfHistory()
        history.limits = Self.limits(&random)
        history.since = "2026-11-12T00:00:00Z"
        var naive = NaiveWhatIf(history.limits)
        let start = Self.start(of: history.limits)
        var at = WhatIfHistory.instant("2026-10-28T00:00:00Z")
        for number in 0..<150 {
            at = at.adding(nanoseconds: Self.pause(&random))
            let request = NaiveWhatIf.Request(
                at: at, key: ["_service", "k1", "k2"].randomElement(using: &random) ?? "k1",
                model: [nil, "m", "n"].randomElement(using: &random) ?? nil,
                units: Int64.random(in: 1...40, using: &random))
            history.event(
                request.units, at: at, id: "d_\(1_000 + number)", key: request.key,
                model: request.model)
            guard start <= at, at < WhatIfHistory.instant(history.until) else { continue }
            naive.take(request, reports: at >= WhatIfHistory.instant(history.since))
        }
        let found = history.judged()
        #expect(found.sums == naive.refused, "\(random): \(history.limits.map(\.name))")
    }

    /// Where reading begins: the longest of the windows; a lifetime has no beginning.
    private static func start(of limits: [Limit]) -> Timestamp {
        let judge = {
            var history = WhatIfHistory()
            history.limits = limits
            history.since = "2026-11-12T00:00:00Z"
            return history.judge()
        }()
        return judge.readsFrom
    }

    private static func limits(_ random: inout SeededRandom) -> [Limit] {
        let all: [(Window, LimitScope, ClosedRange<Int64>)] = [
            (.day, .tenant, 20...150), (.week, .tenant, 100...500), (.month, .tenant, 200...1_500),
            (.year, .tenant, 500...2_500), (.lifetime, .tenant, 500...2_500),
            (.minute, .tenant, 20...100), (.second, .tenant, 10...60), (.hour, .tenant, 50...400),
            (.day, .key(nil), 20...100), (.minute, .key(nil), 20...100),
            (.month, .model(ModelName(trusted: "m")), 100...500),
            (.minute, .model(ModelName(trusted: "n")), 20...80),
        ]
        return all.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random))
            .map { window, scope, range in
                var limit = Limit(
                    meter: WhatIfHistory.tokens, scope: scope, window: window,
                    quantity: Int64.random(in: range, using: &random))
                if Int.random(in: 0..<4, using: &random) == 0 { limit.mode = .shadow }
                if window.kind == .rate, Bool.random(using: &random) {
                    limit.burst = Int64.random(in: 30...120, using: &random)
                }
                return limit
            }
    }

    /// Mostly seconds, at times hours.
    private static func pause(_ random: inout SeededRandom) -> Int64 {
        let seconds: Int64 = 1_000_000_000
        return switch Int.random(in: 0..<5, using: &random) {
        case 0: Int64.random(in: 0...20, using: &random) * 3_600 * seconds
        case 1: 0
        default: Int64.random(in: 1...90, using: &random) * seconds / 2
        }
    }
}
