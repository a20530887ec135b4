import Domain
import HTTP
import Primitives
import Store

extension APIKeyStore.Caller {
    /// The team in which something is created or read: the selected one, else the default team.
    ///
    /// Throws 404 for a team the caller cannot use, 403 when no team of the user is open to the API.
    func team(selected: ID<Team>?) throws(APIError) -> ID<Team> {
        if let selected {
            guard teams.contains(selected) else { throw .teamNotFound }
            return selected
        }
        guard let defaultTeam else {
            throw APIError(.forbidden, .defaultTeamNotAPIEnabled, "No team of this user is open to the API.")
        }
        return defaultTeam
    }

    /// The team a list is narrowed to. Throws 404 for a team the caller cannot use.
    func filter(team: ID<Team>?) throws(APIError) -> ID<Team>? {
        if let team, !teams.contains(team) { throw .teamNotFound }
        return team
    }
}
