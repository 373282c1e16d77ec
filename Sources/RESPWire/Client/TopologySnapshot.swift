internal import Synchronization

/// The topology as any thread may read it.
final class TopologySnapshot: Sendable {
    private let topology = Mutex<ClusterTopology?>(nil)

    var value: ClusterTopology? {
        get { topology.withLock { $0 } }
        set { topology.withLock { $0 = newValue } }
    }
}
