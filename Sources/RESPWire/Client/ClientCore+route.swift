extension ClientCore {
    /// Where a call goes.
    enum Route {
        case send(RESPConnection)
        /// A first connection, or the first topology, is under way.
        case wait
        case fail(RESPError)
    }

    func route(_ call: Call) -> Route {
        guard isCluster else {
            if case .node(let endpoint) = call.target, main.ready != nil, endpoint != main.endpoint
            {
                return .fail(.unavailable(why: "there is no connection to a Redis at \(endpoint)"))
            }
            return route(over: main)
        }
        guard let topology else {
            return refresh.lastCause.map { .fail($0) } ?? .wait
        }
        switch call.target {
        case .node(let endpoint), .asking(let endpoint): return route(over: link(to: endpoint))
        case .command:
            guard let slot = call.command.slot else {
                return anyLink().map { route(over: $0) } ?? .wait
            }
            guard let shard = topology.shard(of: slot) else {
                requestRefresh()
                return .fail(
                    .unavailable(why: "no node of the cluster serves the slot \(slot.rawValue)"))
            }
            return route(over: link(to: shard.endpoint))
        }
    }

    private func route(over link: Link) -> Route {
        if let connection = link.ready { return .send(connection) }
        return link.lastCause
            .map { .fail(RESPError(.unavailable, $0.message, reply: $0.reply)) } ?? .wait
    }

    /// The link to a node, made where there is none.
    func link(to endpoint: RESPEndpoint) -> Link {
        if let link = links[endpoint] { return link }
        let link = Link(
            connector: connector, purpose: .calls, random: random, owner: self
        ) { $0(.success(endpoint)) }
        links[endpoint] = link
        link.start()
        return link
    }
}
