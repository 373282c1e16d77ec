import Foundation
import Synchronization

/// The system's unpredictable bits, fetched many at a time: every decision needs some for its id.
package final class SystemRandom: Sendable {
    private struct State {
        var words: [UInt64] = []
    }

    /// As many words as one call to the system gives: 256 bytes.
    private static let wordCount = 32

    private let state = Mutex(State())

    /// A source that has fetched nothing yet.
    package init() {}

    /// 64 bits that were given to nobody else.
    package func next() -> UInt64 {
        state.withLock { state in
            if let word = state.words.popLast() { return word }
            var words = [UInt64](repeating: 0, count: Self.wordCount)
            let isFilled = words.withUnsafeMutableBytes { bytes in
                getentropy(bytes.baseAddress!, bytes.count) == 0
            }
            // The call fails only for sizes and addresses that this one does not have.
            precondition(isFilled, "the system gives no random bits")
            state.words = words
            return state.words.removeLast()
        }
    }

    /// Random bytes for a secret.
    package static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
