// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Foundation
public import QuotaEngine
public import QuotaLedger
import Synchronization

extension LedgerSQLite {
    /// One at a time and beside everything else: reading and judging keep a core busy.
    private static let whatIfQueue = DispatchQueue(label: "weir.whatif", qos: .utility)

    public func judge(
        _ tenants: [WhatIfTenant]
    ) async throws(LedgerError) -> [WhatIfRefusals] {
        let path = folder.databasePath
        let stop = StopFlag()
        let result: Result<[WhatIfRefusals], LedgerError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Self.whatIfQueue.async {
                    continuation.resume(
                        returning: Result { () throws(LedgerError) in
                            try Self.judge(tenants, at: path, stop)
                        })
                }
            }
        } onCancel: {
            stop.set()
        }
        return try result.get()
    }

    private static func judge(
        _ tenants: [WhatIfTenant],
        at path: String,
        _ stop: StopFlag
    ) throws(LedgerError) -> [WhatIfRefusals] {
        // An open ledger has a log.
        let use = try RecordedUse(try ReadOnlyDatabase(path: path, hasLog: true))
        var found: [WhatIfRefusals] = []
        found.reserveCapacity(tenants.count)
        for tenant in tenants {
            var judge = tenant
            try use.read(&judge) { stop.isSet }
            found.append(judge.refusals)
        }
        return found
    }
}

/// Says that nobody waits any more.
private final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() {
        flag.store(true, ordering: .relaxed)
    }
}
