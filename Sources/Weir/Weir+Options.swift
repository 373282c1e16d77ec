package import EmbeddedNode
public import Logging
import QuotaNode

extension Weir {
    /// What is set of an engine; every value has a default that serves.
    public struct Options: Sendable {
        /// When a decision is answered.
        public enum Durability: Hashable, Sendable {
            /// When it is written: it survives the end of the process, and after a power cut what
            /// was taken in the last moments is out of reach, never free.
            case fast
            /// When it is on the disk, too: for money.
            case durable
        }

        /// The data folder.
        public var folder: String
        /// When a decision is answered.
        public var durability = Durability.fast
        /// Whether limits refuse; otherwise everything is allowed and recorded.
        public var isEnforced = true
        /// Whether a tenant that is first seen when it uses something is created.
        public var createsTenants = true
        /// The most tenants whose limits are kept in memory.
        public var cacheSize = 10_000
        /// How long they are used before they are read again.
        public var cacheTTL = Duration.seconds(60)
        /// Whether journals that can't be read are given up when the folder is opened: what they
        /// may hold becomes suspect.
        public var setsJournalAside = false
        /// Where warnings go.
        public var logger: Logger
        /// The clocks; tests have their own.
        package var machine = Machine.system

        /// Creates options.
        ///
        /// - Parameters:
        ///   - folder: the data folder.
        ///   - logger: where warnings go.
        public init(folder: String = "./weir-data", logger: Logger = Logger(label: "weir")) {
            self.folder = folder
            self.logger = logger
        }

        /// The longest ``cacheTTL``: a day.
        private static var maximumCacheTTL: Duration { .seconds(86_400) }

        func check() throws(WeirError) {
            guard cacheSize >= 1 else { throw .invalid("cacheSize", "must be 1 or more") }
            guard (.zero...Self.maximumCacheTTL).contains(cacheTTL) else {
                throw .invalid("cacheTTL", "must be 0 to \(Self.maximumCacheTTL)")
            }
        }

        /// These options, for the embedded node.
        var embedded: EmbeddedNode.Options {
            var node = NodeSettings()
            node.isEnforced = isEnforced
            node.createsTenants = createsTenants
            node.cacheSize = cacheSize
            let ttl = cacheTTL.components
            node.cacheTTLNanoseconds = ttl.seconds * 1_000_000_000 + ttl.attoseconds / 1_000_000_000
            return EmbeddedNode.Options(
                folder: folder, durability: durability == .durable ? .durable : .fast,
                setsJournalAside: setsJournalAside, node: node)
        }
    }
}
