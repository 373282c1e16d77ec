import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import QuotaModel

extension DeliveryResult {
    /// What an answer means.
    init(status: Int, retryAfter: String?, now: Timestamp) {
        switch status {
        case 200...299: self = .delivered(status: status)
        case 410: self = .gone
        case 300...399:
            self = .failed(
                DeliveryFailure(
                    "the answer was a redirect (\(status)), which is not followed; set the new URL",
                    status: status))
        default:
            self = .failed(
                DeliveryFailure(
                    "the answer was \(status)", status: status,
                    retryAfterSeconds: retryAfter.flatMap { RetryAfter.seconds($0, now: now) }))
        }
    }
}

extension DeliveryFailure {
    static func late(_ deadline: Duration) -> DeliveryFailure {
        DeliveryFailure("there was no answer within \(deadline)")
    }

    /// Whether an error tells that an address could not be connected to.
    static func isOfConnecting(_ error: any Error) -> Bool {
        if error is IOError || error is NIOConnectionError { return true }
        if case .connectTimeout = error as? ChannelError { return true }
        return error as? HTTPClientError == .connectTimeout
    }

    /// An error between the look-up and the answer.
    init(during error: any Error) {
        if let fault = error as? PinnedAddress.Fault {
            switch fault {
            case .astray: self.init("the connection led to an address that was not vetted")
            case .misnamed: self.init("TLS failed: the certificate is not for the host of the URL")
            }
        } else if error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            self.init("TLS failed, perhaps for the certificate: \(error)")
        } else if error as? HTTPClientError == .remoteConnectionClosed {
            self.init("the receiver closed the connection without an answer")
        } else if error as? HTTPClientError == .alreadyShutdown
            || error as? HTTPClientError == .cancelled || error is CancellationError
        {
            self.init("this server is stopping")
        } else if Self.isOfConnecting(error) {
            self.init("no connection: \(error)")
        } else {
            self.init("the exchange failed: \(error)")
        }
    }
}
