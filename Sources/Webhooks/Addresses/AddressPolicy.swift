/// Which addresses may be called.
///
/// Only unicast addresses of the whole Internet may be, so that nobody makes this server call what
/// stands behind its own firewall; an operator may allow blocks in addition.
package struct AddressPolicy: Hashable, Sendable {
    /// What an operator allows in addition.
    package let allowed: [CIDR]

    /// A policy.
    ///
    /// - Parameter allowed: what an operator allows in addition, be it special or not.
    package init(allowed: [CIDR] = []) {
        self.allowed = allowed
    }

    /// What is said of an address.
    package enum Verdict: Hashable, Sendable {
        /// It may be called: it is one of the Internet.
        case global
        /// It may be called: the operator has allowed this block.
        case allowed(CIDR)
        /// It may not be called, for what it is.
        case denied(SpecialBlock)
    }

    /// Judges an address.
    package func judge(_ address: IPAddress) -> Verdict {
        if let block = allowed.first(where: { $0.contains(address) }) { return .allowed(block) }
        if let special = SpecialBlock.containing(address) { return .denied(special) }
        guard address.version == .six else { return .global }
        if SpecialBlock.sixToFour.contains(address) {
            // The packets go to the address of version 4 within.
            let inner = IPAddress(v4: UInt32(truncatingIfNeeded: address.number >> 80))
            return SpecialBlock.containing(inner).map(Verdict.denied) ?? .global
        }
        return SpecialBlock.globalUnicastV6.contains(address)
            ? .global : .denied(SpecialBlock.unassigned)
    }
}
