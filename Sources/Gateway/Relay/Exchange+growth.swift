import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import QuotaNode

// MARK: Units for what comes

extension Exchange {
    /// The tokens that have come and are not held.
    var missingTokens: Int64? {
        guard let hold, seen.usage == nil else { return nil }
        let missing = hold.estimate.input + seen.countedOutput - hold.tokens
        return missing > 0 ? missing : nil
    }

    /// Holds more, or ends the stream where there are no more units.
    func extend(by missing: Int64, holdingBack bytes: ByteBuffer) {
        guard let hold else { return pass(bytes) }
        let more = hold.growth(missing, cap: request.maximumOutput, seen: seen.countedOutput)
        let charges = request.charges(forMore: more, gateway)
        if let answer = gateway.node.extendAtOnce(
            hold.reservation.id, of: request.tenant, by: charges)
        {
            return extended(answer, more, bytes)
        }
        heldBack = bytes
        connection?.pause()
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (node, eventLoop, tenant) = (gateway.node, loop.eventLoop, request.tenant)
        let id = hold.reservation.id
        Task {
            // Where nobody can say, the stream is not cut for it: what is used is booked.
            let answer = (try? await node.extend(id, of: tenant, by: charges)) ?? .notHeld
            eventLoop.execute {
                let exchange = bound.value
                guard let bytes = exchange.heldBack else { return }
                exchange.heldBack = nil
                exchange.extended(answer, more, bytes)
                exchange.callerWritabilityChanged()
                if exchange.isAnswerEndHeldBack, exchange.state.phase == .relaying {
                    exchange.streamEnded()
                }
                exchange.caller?.flushAnswer()
            }
        }
    }

    func extended(_ answer: ExtendAnswer, _ more: Int64, _ bytes: ByteBuffer) {
        guard state.phase == .relaying else { return }
        switch answer {
        case .extended: hold?.tokens += more
        case .refused(let decision):
            guard gateway.cutsExhausted else { break }
            // What was not passed on was not sold.
            seen.countedOutput = passedOutput
            refusedExtension = decision
            return act(state.exhausted())
        case .notHeld: break
        }
        pass(bytes)
        if let failure = scanner?.failure { streamFailed(failure) }
    }
}
