import EmbeddedNode
import Foundation
import Gateway
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import WeirHTTP

/// One listener with its routes, from opening to the last answer.
struct ListenerService: Service {
    let address: ListenerAddress
    let api: WeirAPI
    let part: WeirAPI.Part
    let limits: ListenerLimits
    let gateway: Gateway?
    let certificate: ServedCertificate?
    let logger: Logger
    /// Called once it answers, with its URL.
    let onRunning: @Sendable (String) async -> Void

    func run() async throws {
        let (limits, certificate, address, gateway) = (limits, certificate, address, gateway)
        let onRunning = onRunning
        let answers = api.immediateAnswers
        let application = Application(
            router: api.router(part),
            server: HTTPServerBuilder { responder in
                ListenerChannel(
                    responder: responder, limits: limits, certificate: certificate,
                    answers: answers, gateway: gateway)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "weir",
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.maximumConnections, logger: logger)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                await onRunning(address.url(port: port, isSecure: certificate != nil))
            },
            logger: logger)
        do {
            try await application.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartFailure(
                "port \(address.port) on \(address.host) is in use; stop the other program or "
                    + "choose another port with \(address.portSetting.flag)")
        } catch let error as IOError {
            throw StartFailure("can't listen on \(address.host):\(address.port): \(error)")
        } catch let error as SocketAddressError {
            throw StartFailure(
                "host \(address.host) is not an address of this machine (\(error)); choose "
                    + "another one with \(address.hostSetting.flag)")
        }
    }
}
