extension ClientCore: LinkOwner {
    func link(_ link: Link, refuses info: RESPServerInfo) -> RESPError? {
        guard link === main else { return nil }
        let endpoint = link.endpoint.map { "\($0)" } ?? "?"
        if connector.configuration.sentinelMaster != nil {
            return info.isMaster
                ? nil : .unavailable(why: "Redis at \(endpoint) is not a master, but a replica")
        }
        if info.mode == .sentinel {
            return .unavailable(
                why: "at \(endpoint) is a sentinel: use redis+sentinel:// and the master's name")
        }
        if info.mode != .cluster, connector.configuration.endpoints.count > 1 {
            return .unavailable(
                why: "Redis at \(endpoint) is no cluster, though several hosts are configured")
        }
        return nil
    }

    func link(_ link: Link, isReady info: RESPServerInfo) {
        guard let endpoint = link.endpoint else { return }
        if link === main, info.mode == .cluster {
            isCluster = true
            if !refresh.isAsking { askForTopology() }
            return
        }
        if link === main {
            let shard = RESPShard(
                id: info.runID ?? endpoint.description, endpoint: endpoint,
                slots: [0...UInt16(RESPSlot.count - 1)])
            snapshot.value = ClusterTopology(shards: [shard])
        }
        events(
            .connected(
                .init(endpoint: endpoint, generation: nextGeneration(), server: info)))
        dispatchWaiting()
        flush()
    }

    func link(_ link: Link, failedFor cause: RESPError, wasReady: Bool) {
        guard isRunning else { return }
        if isCluster {
            if link === main {
                if topology == nil { refresh.lastCause = cause }
            } else {
                // Perhaps another node has taken its place.
                requestRefresh()
            }
        }
        events(.disconnected(link.endpoint, cause: cause))
        dispatchWaiting()
        flush()
    }

    func link(
        _ link: Link, finished call: Call, with result: Result<RESPValue, RESPError>,
        at endpoint: RESPEndpoint
    ) {
        finished(call, with: result, at: endpoint)
    }

    func link(_ link: Link, received message: [RESPValue]) {}

    func linkHasRead(_ link: Link) {
        flush()
    }
}
