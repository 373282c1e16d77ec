import NIOSSL
import Synchronization

/// The certificate that new connections get.
final class ServedCertificate: Sendable {
    private let current: Mutex<NIOSSLContext>

    init(_ context: NIOSSLContext) {
        current = Mutex(context)
    }

    /// What a new connection takes; it keeps it to its end.
    var context: NIOSSLContext { current.withLock { $0 } }

    /// Changes what the next connections get.
    func replace(_ context: NIOSSLContext) {
        current.withLock { $0 = context }
    }
}
