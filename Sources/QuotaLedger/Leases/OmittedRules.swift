/// Rules of the algebra that a test leaves out, to show that the simulator notices.
package struct OmittedRules: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// What a silent holder had becomes suspect; left out, it is free again.
    package static let silenceMakesSuspect = OmittedRules(rawValue: 1 << 0)
    /// Only the newest life of a node gets leases.
    package static let newestLifeDraws = OmittedRules(rawValue: 1 << 1)
    /// Reports are cumulative and take effect once; left out, each adds what is new to it.
    package static let reportsAreCumulative = OmittedRules(rawValue: 1 << 2)
    /// A lease leaves what is available before it is handed out.
    package static let leasesAreCharged = OmittedRules(rawValue: 1 << 3)
    /// A lease stays open while a reservation holds of it.
    package static let openHoldsKeepLeases = OmittedRules(rawValue: 1 << 4)
    /// A refusal is forgotten when its account may have more.
    package static let refusalsEnd = OmittedRules(rawValue: 1 << 5)
    /// A journal is synced as far as the ledger is told of it.
    package static let foldsAreSynced = OmittedRules(rawValue: 1 << 6)
    /// What is out when a period ends is carried when it has come back; left out, all that was not
    /// used by then is carried at once, and again sold by those who have it.
    package static let carryIsFinalAfterClose = OmittedRules(rawValue: 1 << 7)
    /// A lease of an earlier epoch can't be spent.
    package static let epochsFence = OmittedRules(rawValue: 1 << 8)
    /// A lease of an older limit can't be spent.
    package static let revisionsFence = OmittedRules(rawValue: 1 << 9)
    /// The answer to a request is in the ledger with its use.
    package static let answersAreFolded = OmittedRules(rawValue: 1 << 10)
    /// What a power cut left of a journal is no evidence of what was not used.
    package static let cutJournalsAreIncomplete = OmittedRules(rawValue: 1 << 11)
    /// What a hold is extended by is in the ledger with it.
    package static let extensionsAreFolded = OmittedRules(rawValue: 1 << 12)
}

extension OmittedRules {
    /// One rule with its name.
    package struct Named: Sendable, CustomStringConvertible {
        /// The rule.
        package let rules: OmittedRules
        /// Its name.
        package let name: String

        /// The name.
        package var description: String { name }
    }

    /// All of them.
    package static let named = [
        Named(rules: .silenceMakesSuspect, name: "silence makes suspect"),
        Named(rules: .newestLifeDraws, name: "only the newest life draws"),
        Named(rules: .reportsAreCumulative, name: "reports are cumulative"),
        Named(rules: .leasesAreCharged, name: "leases are charged"),
        Named(rules: .openHoldsKeepLeases, name: "open holds keep leases"),
        Named(rules: .refusalsEnd, name: "refusals end"),
        Named(rules: .foldsAreSynced, name: "folds are synced"),
        Named(rules: .carryIsFinalAfterClose, name: "carry is final after close"),
        Named(rules: .epochsFence, name: "epochs fence"),
        Named(rules: .revisionsFence, name: "revisions fence"),
        Named(rules: .answersAreFolded, name: "answers are folded"),
        Named(rules: .cutJournalsAreIncomplete, name: "cut journals are incomplete"),
        Named(rules: .extensionsAreFolded, name: "extensions are folded"),
    ]
}
