import QuotaEngine
import QuotaLedger
package import QuotaModel

// A hold grows, and what is used falls on its pieces.
extension Hold {
    /// How many leases of an account it holds of.
    func pieceCount(of account: AccountKey) -> Int { pieces.count { $0.account == account } }

    /// Whether it holds of a lease.
    func holds(of lease: GrantID) -> Bool { pieces.contains { $0.lease == lease } }

    /// Takes an extension in; what comes from a lease that it holds of already makes that piece
    /// larger.
    mutating func grow(by extended: HoldExtension) {
        for piece in extended.pieces {
            if let place = pieces.firstIndex(where: { $0.lease == piece.lease }) {
                pieces[place].units += piece.units
            } else {
                pieces.append(piece)
            }
        }
        reservation.held = reservation.held.adding(extended.added, sign: 1)
    }

    /// Takes the last extension back, which could not be written.
    mutating func shrink(by extended: HoldExtension) {
        for piece in extended.pieces {
            guard let place = pieces.firstIndex(where: { $0.lease == piece.lease }) else {
                continue
            }
            pieces[place].units -= piece.units
            if pieces[place].units == 0 { pieces.remove(at: place) }
        }
        reservation.held = reservation.held.adding(extended.added, sign: -1)
    }

    /// How what was used falls on the pieces, one share each; empty when nothing is booked.
    func shares(of ended: Reservation) -> [HeldShare] {
        guard ended.state == .settled else { return [] }
        var shares = [HeldShare](repeating: HeldShare(), count: pieces.count)
        for charge in ended.settled {
            let places = pieces.indices.filter { pieces[$0].meter == charge.meter }
            let parts = places.map { (pieces[$0].account, pieces[$0].units) }
            let found = HeldShare.shares(of: charge.amount, over: parts)
            for (place, share) in zip(places, found) { shares[place] = share }
        }
        return shares
    }
}

extension [Charge] {
    /// The charges with others added to those of the same meters.
    fileprivate func adding(_ others: [Charge], sign: Int64) -> [Charge] {
        map { charge in
            let added = others.reduce(0 as Int64) {
                $1.meter == charge.meter ? $0 + $1.amount : $0
            }
            return Charge(meter: charge.meter, amount: charge.amount + sign * added)
        }
    }
}

/// Why a reservation can't take more units, apart from limits.
package enum ExtensionError: Error, Hashable, Sendable {
    /// It is not held here, or its time has passed.
    case notHeld
    /// It does not hold a meter: the place of the charge.
    case meterNotHeld(MeterID, index: Int)
    /// It would hold more than the largest amount: the place of the charge.
    case tooLarge(MeterID, index: Int)
    /// It holds of ``HoldExtension/maximumPiecesPerAccount`` leases of one account.
    case tooManyPieces
}
