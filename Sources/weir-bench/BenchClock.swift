import Foundation
import QuotaModel

/// The wall clock.
enum BenchClock {
    static func now() -> Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
    }
}
