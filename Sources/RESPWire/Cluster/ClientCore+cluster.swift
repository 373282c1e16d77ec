internal import NIOCore

extension ClientCore {
    private static let retired = RESPError.unavailable(why: "the node is not needed any more")

    /// Asks for the topology, unless that is under way.
    func requestRefresh() {
        guard isRunning else { return }
        if case .ask(let time) = refresh.request(now: eventLoop.now) { scheduleRefresh(at: time) }
    }

    private func scheduleRefresh(at time: NIODeadline) {
        eventLoop.assumeIsolated()
            .scheduleTask(deadline: time) {
                guard self.isRunning, self.refresh.isScheduled else { return }
                self.askForTopology()
                self.flush()
            }
    }

    func askForTopology() {
        let now = eventLoop.now
        refresh.asked(now: now)
        let link = main.ready == nil ? anyLink() : main
        guard let connection = link?.ready else {
            // By this link, once it stands, another refresh is asked for.
            main.start()
            let cause = link?.lastCause ?? .unavailable(why: "no node of the cluster is reached")
            refreshFailed(cause)
            return
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let endpoint = connection.endpoint
        let call = Call(
            id: 0, command: RESPCommand("CLUSTER", "SLOTS"),
            deadline: now + TimeAmount(connector.configuration.stallTimeout),
            completion: .closure { bound.value.refreshed($0, by: endpoint) })
        connection.send(call, now: now)
    }

    private func refreshed(_ result: Result<RESPValue, RESPError>, by endpoint: RESPEndpoint) {
        guard isRunning else { return }
        do throws(RESPError) {
            let reply = try result.get()
            let found: ClusterTopology
            do {
                found = try ClusterTopology(slots: reply, from: endpoint)
            } catch {
                throw .unavailable(why: "Redis at \(endpoint): \(error.message)")
            }
            guard !found.shards.isEmpty else {
                throw .unavailable(why: "Redis at \(endpoint) knows no node that serves a slot")
            }
            refresh.answered()
            apply(found)
        } catch {
            refreshFailed(error)
        }
        dispatchWaiting()
        flush()
    }

    private func refreshFailed(_ cause: RESPError) {
        scheduleRefresh(at: refresh.failed(cause, now: eventLoop.now, random: random()))
    }

    private func apply(_ found: ClusterTopology) {
        let hasChanged = found != topology
        topology = found
        snapshot.value = found
        let needed = Set(found.shards.map(\.endpoint))
        for endpoint in needed { _ = link(to: endpoint) }
        for (endpoint, link) in links where !needed.contains(endpoint) {
            links[endpoint] = nil
            link.retire(Self.retired)
        }
        main.retire(Self.retired)
        if hasChanged { events(.topologyChanged(found.shards)) }
    }

    /// A node said that a slot is served by another.
    func moved(_ slot: RESPSlot, to endpoint: RESPEndpoint) {
        if topology?.move(slot, to: endpoint) == true, let topology {
            snapshot.value = topology
            events(.topologyChanged(topology.shards))
        }
        requestRefresh()
    }
}
