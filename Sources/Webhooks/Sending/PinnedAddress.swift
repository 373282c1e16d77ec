import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// A host at one of its addresses; connections go there and nowhere else.
struct PinnedAddress: Hashable, Sendable {
    let scheme: WebhookTarget.Scheme
    let host: String
    let port: Int
    let address: IPAddress

    /// Why a connection is closed before anything is sent.
    enum Fault: Error {
        /// It leads to another address.
        case astray
        /// The certificate is not for the host.
        case misnamed
    }

    /// A client whose connections go to the address, and whose TLS asks for the host.
    func client(trusting certificates: [NIOSSLCertificate]) -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if !certificates.isEmpty { tls.additionalTrustRoots = [.certificates(certificates)] }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, proxy: nil,
            decompression: .disabled)
        configuration.dnsOverride = [host: address.description]
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = WebhookSender.connectTimeout
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            WebhookSender.maximumConnections
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.http1_1ConnectionDebugInitializer = { channel in
            check(channel)
                .flatMapErrorThrowing { error in
                    channel.close(promise: nil)
                    throw error
                }
        }
        return HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }

    /// Looks at a connection before the first request, after the handshake of TLS.
    private func check(_ channel: any Channel) -> EventLoopFuture<Void> {
        // The override above is found by the text of the host; should the client read that text
        // otherwise than we do, the connection must still not lead elsewhere.
        let peer = channel.remoteAddress
        guard peer?.port == port, peer?.ipAddress.flatMap({ IPAddress($0) }) == address else {
            return channel.eventLoop.makeFailedFuture(Fault.astray)
        }
        // SwiftNIO SSL is content with a certificate for the address alone. Whoever can forge the
        // answers of DNS may well have one, for an address of theirs.
        guard scheme == .https, IPAddress(host) == nil else {
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return channel.nioSSL_peerCertificate()
            .flatMapThrowing { certificate in
                guard certificate?.isNamed(host) == true else { throw Fault.misnamed }
            }
    }
}

extension NIOSSLCertificate {
    /// Whether one of the names of the certificate is a host's.
    ///
    /// Source: RFC 9525, 6.3: labels are the same but for the case of letters, and the whole first
    /// one may be a star.
    func isNamed(_ host: String) -> Bool {
        let labels = Self.labels(host)
        return _subjectAlternativeNames()
            .contains { name in
                guard name.nameType == .dnsName else { return false }
                let pattern = Self.labels(String(decoding: name.contents, as: UTF8.self))
                if pattern == labels { return true }
                return pattern.first == "*" && pattern.count > 2
                    && pattern.dropFirst() == labels.dropFirst()
            }
    }

    private static func labels(_ name: String) -> [Substring] {
        name.lowercased()[...].split(separator: ".", omittingEmptySubsequences: false)
    }
}
