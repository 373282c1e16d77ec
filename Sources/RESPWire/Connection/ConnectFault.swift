internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// What an error of the network or of TLS means to an operator.
enum ConnectFault {
    static func cause(of error: any Error, at endpoint: RESPEndpoint) -> RESPError {
        .unavailable(why: text(of: error, at: endpoint))
    }

    private static func text(of error: any Error, at endpoint: RESPEndpoint) -> String {
        switch error {
        case let extra as NIOSSLExtraError where extra == .failedToValidateHostname:
            return "the certificate of Redis at \(endpoint) is not for the host \(endpoint.host)"
        case is NIOSSLExtraError:
            return "TLS with Redis at \(endpoint) failed: \(error)"
        case is NIOSSLError, is BoringSSLError:
            let text = "\(error)"
            if text.contains("CERTIFICATE_VERIFY_FAILED") {
                return
                    "the certificate of Redis at \(endpoint) is signed by no authority we trust"
            }
            if text.contains("WRONG_VERSION_NUMBER") {
                return "Redis at \(endpoint) does not speak TLS on this port"
            }
            return "TLS with Redis at \(endpoint) failed: \(text)"
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty {
                return "the host of Redis at \(endpoint) was not found"
            }
            let reasons = error.connectionErrors.map { "\($0.error)" }
            return "no connection to Redis at \(endpoint): " + reasons.joined(separator: ", ")
        case let error as ChannelError:
            if case .connectTimeout(let time) = error {
                let patience = Duration.nanoseconds(time.nanoseconds)
                return "no connection to Redis at \(endpoint) within \(patience)"
            }
            return "the connection to Redis at \(endpoint) failed: \(error)"
        default:
            return "the connection to Redis at \(endpoint) failed: \(error)"
        }
    }
}
