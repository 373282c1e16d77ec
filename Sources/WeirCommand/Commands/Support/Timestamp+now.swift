import Foundation
import QuotaModel

extension Timestamp {
    /// This machine's time.
    static func now() -> Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
    }
}
