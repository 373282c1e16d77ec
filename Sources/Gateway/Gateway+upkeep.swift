import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import QuotaModel
package import QuotaNode
import Synchronization

extension Gateway {
    /// How long a backend may take to answer a probe.
    private static let probeTimeout = TimeAmount.seconds(2)

    /// Makes sure that there are meters for requests, for tokens, and for the money of all prices.
    ///
    /// - Throws: what the node throws; ``NodeError/invalid(field:_:)`` for a meter of another kind.
    package func prepare() async throws(NodeError) {
        let money = Set(models.values.compactMap(\.costMeter)).sorted()
        let fields = [requestsMeter: "gateway.requests_meter", tokensMeter: "gateway.tokens_meter"]
        for meter in [requestsMeter, tokensMeter] + money {
            if let known = node.meters[meter] {
                guard known.kind == .counter else {
                    throw .invalid(
                        field: fields[meter] ?? "gateway.models",
                        "the meter \"\(meter.text)\" counts what is allocated, and not what is used"
                    )
                }
                continue
            }
            do throws(NodeError) {
                try await node.create(Meter(id: meter, kind: .counter, recording: .event))
            } catch {
                guard case .alreadyExists = error else { throw error }
            }
        }
    }

    /// Asks the backends again and again whether they are well, until the task is cancelled.
    package func probeAgainAndAgain() async {
        guard configuration.probeIntervalMilliseconds > 0 else {
            return await waitForCancellation()
        }
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout.connect = times.connect
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        while !Task.isCancelled {
            await self.sleep(.milliseconds(configuration.probeIntervalMilliseconds))
            if Task.isCancelled { break }
            await withTaskGroup(of: Void.self) { probes in
                for model in models.values {
                    for group in model.groups {
                        for index in group.places.indices {
                            probes.addTask { await self.probe(group, index, client) }
                        }
                    }
                }
            }
        }
        try? await client.shutdown()
    }

    /// Ends what goes on although its caller has left, and waits until the last request is booked.
    package func end() async {
        for loop in loops.withLock({ Array($0.values) }) {
            loop.eventLoop.execute { loop.value.stop() }
        }
        await settlements.wait()
    }

    private func waitForCancellation() async {
        while !Task.isCancelled { await self.sleep(.seconds(1)) }
    }

    private func probe(_ group: BackendGroup, _ index: Int, _ client: HTTPClient) async {
        let target = targets[group.places[index].target]
        let path = group.isTriton ? "/v2/health/ready" : "/models"
        var request = HTTPClientRequest(
            url: "\(target.tls == nil ? "http" : "https")://\(target.hostField)"
                + "\(target.basePath)\(path)")
        if let authorization = target.authorization {
            request.headers.add(name: "Authorization", value: authorization)
        }
        let isWell: Bool
        do {
            let answer = try await client.execute(request, timeout: Self.probeTimeout)
            // Who has no list of models, or wants another credential for it, is up all the same.
            isWell = answer.status.code < 500
        } catch {
            if Task.isCancelled { return }
            isWell = false
        }
        group.probed(
            index, isWell: isWell, now: steadyClock(), random: random())
    }
}
