import LLMWire
import NIOCore
import NIOHTTP1
import QuotaModel
import QuotaNode
import WeirHTTP

// MARK: Units for what comes

extension Exchange {
    /// The tokens that have come and are not held.
    var missingTokens: Int64? {
        guard let hold else { return nil }
        var (input, output) = (hold.estimate.input, seen.countedOutput)
        // What a backend tells when it is done is booked, and need not be held any more.
        if let usage = seen.usage, scanner?.isUsageFinal == false {
            input = max(input, min(usage.input, Amount.maximum / 2))
            output = max(output, min(usage.output, request.highestOutput))
        }
        let missing = input + output - hold.tokens
        return missing > 0 ? missing : nil
    }

    /// Holds more, or ends the stream where there are no more units.
    ///
    /// - Parameters:
    ///   - missing: the tokens that have come and are not held.
    ///   - bytes: what came with them.
    ///   - isSparing: whether only these are held, since there is not more.
    func extend(by missing: Int64, holdingBack bytes: ByteBuffer, isSparing: Bool = false) {
        guard let hold else { return pass(bytes) }
        let more =
            isSparing
            ? missing : hold.growth(missing, cap: request.maximumOutput, seen: seen.countedOutput)
        let charges = request.charges(forMore: more, gateway)
        if let answer = gateway.node.extendAtOnce(
            hold.reservation.id, of: request.tenant, by: charges)
        {
            return extended(answer, more, bytes)
        }
        heldBack = bytes
        pause()
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let (node, eventLoop, tenant) = (gateway.node, loop.eventLoop, request.tenant)
        let id = hold.reservation.id
        Task {
            // Where nobody can say, the stream is not cut for it: what is used is booked.
            let answer = (try? await node.extend(id, of: tenant, by: charges)) ?? .notHeld
            eventLoop.execute { bound.value.grown(answer, more) }
        }
    }

    /// The node has answered, and what was held back may go on.
    func grown(_ answer: ExtendAnswer, _ more: Int64) {
        guard let bytes = heldBack else { return }
        heldBack = nil
        extended(answer, more, bytes)
        guard heldBack == nil else { return }
        callerWritabilityChanged()
        if isAnswerEndHeldBack { streamEnded() }
        if state.phase == .relaying { caller?.flushAnswer() }
    }

    func extended(_ answer: ExtendAnswer, _ more: Int64, _ bytes: ByteBuffer) {
        guard state.phase == .relaying else { return }
        switch answer {
        case .extended:
            hold?.tokens += more
            // More may have come meanwhile.
            if let missing = missingTokens { return extend(by: missing, holdingBack: bytes) }
        case .refused(let decision):
            guard gateway.cutsExhausted else { break }
            if let missing = missingTokens, missing < more {
                return extend(by: missing, holdingBack: bytes, isSparing: true)
            }
            // What was not passed on was not sold.
            seen = passed
            seen.wasSent = true
            refusedExtension = decision
            gateway.explanations.add(DecisionOutcome(decision))
            return act(state.exhausted())
        case .notHeld: break
        }
        pass(bytes)
        if let failure = scanner?.failure { streamFailed(failure) }
    }
}
