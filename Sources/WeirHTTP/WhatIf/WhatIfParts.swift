import Logging
import QuotaNode
import StrictJSON

/// The answer to a what-if, as it is found out.
///
/// While tenants are judged, spaces are sent, which mean nothing in JSON: who has left can't take
/// them, and the work ends; a proxy sees that there is an answer coming.
struct WhatIfParts: BodyParts {
    private var run: WhatIfRun
    private let logger: Logger
    private var isOver = false

    init(_ run: WhatIfRun, logger: Logger) {
        self.run = run
        self.logger = logger
    }

    mutating func next() async throws -> [UInt8]? {
        if isOver { return nil }
        do throws(NodeError) {
            if try await run.next() { return [0x20] }
        } catch {
            logger.error("a what-if broke off", metadata: ["error": "\(error)"])
            throw error
        }
        isOver = true
        var writer = JSONWriter()
        writer.object { run.report.writeMembers(to: &$0) }
        return writer.bytes
    }
}
