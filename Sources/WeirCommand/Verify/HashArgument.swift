import ArgumentParser
import QuotaLedger

/// A hash as `weir verify` shows it.
struct HashArgument: Equatable, Sendable {
    let bytes: [UInt8]
}

extension HashArgument: ExpressibleByArgument {
    init?(argument: String) {
        guard let bytes = [UInt8](hexadecimal: argument), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}
