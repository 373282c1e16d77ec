import EmbeddedNode
import Gateway
import Logging
import PrometheusExposition
import QuotaNode
import ServiceLifecycle
import WeirHTTP

extension WeirServer {
    /// The gateway, where there is one, with the meters of its money.
    func startGateway(
        _ node: QuotaNode,
        _ api: WeirAPI,
        registry: MetricRegistry,
        on machine: Machine
    ) async throws -> Gateway? {
        guard let configuration = configuration.gateway else { return nil }
        let logger = Logger(label: "weir.gateway")
        let gateway: Gateway
        do {
            gateway = try Gateway(
                configuration, node: node, keys: api.tenantKeys,
                explanations: api.explanations, registry: registry, logger: logger,
                steadyClock: machine.steadyClock, random: machine.random,
                sleep: machine.sleep)
        } catch {
            throw StartFailure("the gateway can't be set up: \(error)")
        }
        do throws(NodeError) { try await gateway.prepare() } catch {
            throw StartFailure("\(error)")
        }
        return gateway
    }
}

/// Looks after the gateway's backends, and ends when its last request is booked.
struct GatewayService: Service {
    let gateway: Gateway

    func run() async throws {
        await cancelWhenGracefulShutdown { await gateway.probeAgainAndAgain() }
        await gateway.end()
    }
}
