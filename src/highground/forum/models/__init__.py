"""Tables of the forum, by what they are about.

What everybody may read (forums, the released programme, commitments) has plain managers. What is of persons (who takes
part, entries, reviews, who learned what) belongs to the organisers of the forum, by the area that hosts it.
"""

from highground.forum.models.call import Attachment, Entry, EntryText, Review, Reviewer
from highground.forum.models.commitments import Commitment, Evidence, Partner
from highground.forum.models.exchange import FollowUp, Learner, Learning
from highground.forum.models.forum import Forum
from highground.forum.models.programme import Duty, Release, Room, Session
from highground.forum.models.taking_part import (
    Attendance,
    Delegation,
    Door,
    LiveQuestion,
    LiveVote,
    Participant,
    Presence,
    Scan,
)

__all__ = [
    "Attachment",
    "Attendance",
    "Commitment",
    "Delegation",
    "Door",
    "Duty",
    "Entry",
    "EntryText",
    "Evidence",
    "FollowUp",
    "Forum",
    "Learner",
    "Learning",
    "LiveQuestion",
    "LiveVote",
    "Participant",
    "Partner",
    "Presence",
    "Release",
    "Review",
    "Reviewer",
    "Room",
    "Scan",
    "Session",
]
