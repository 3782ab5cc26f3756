"""Errors of datasets, their documents, and conversations about them; like those of `errors`."""

from sightglass_common.errors import Kind, SightglassError


class DatasetNotFound(SightglassError):
    """No such dataset."""

    code, kind = "dataset_not_found", Kind.NOT_FOUND


class DatasetNameTaken(SightglassError):
    """Another dataset of the tenant has this name."""

    code, kind = "dataset_name_taken", Kind.CONFLICT


class DocumentNotFound(SightglassError):
    """No such document."""

    code, kind = "document_not_found", Kind.NOT_FOUND


class SegmentNotFound(SightglassError):
    """No such segment, or its document is being read anew."""

    code, kind = "segment_not_found", Kind.NOT_FOUND


class BotNotFound(SightglassError):
    """No such bot."""

    code, kind = "bot_not_found", Kind.NOT_FOUND


class BotNameTaken(SightglassError):
    """Another bot of the tenant has this name."""

    code, kind = "bot_name_taken", Kind.CONFLICT


class ModelWithoutProvider(SightglassError):
    """A bot has a model of its own only with a provider of its own: whose model would it be?"""

    code, kind = "model_without_provider", Kind.CONFLICT


class ConversationNotFound(SightglassError):
    """No such conversation."""

    code, kind = "conversation_not_found", Kind.NOT_FOUND


class TurnNotFound(SightglassError):
    """No such turn of this conversation."""

    code, kind = "turn_not_found", Kind.NOT_FOUND


class TurnNotAnswered(SightglassError):
    """The question is not answered: there is nothing to say of."""

    code, kind = "turn_not_answered", Kind.CONFLICT


class AnswerNotGiven(SightglassError):
    """The question could not be answered."""

    code, kind = "answer_not_given", Kind.TRANSIENT


class QuotaSpent(SightglassError):
    """No more questions may be put today."""

    code, kind = "quota_spent", Kind.RATE_LIMITED


class ProviderNotFound(SightglassError):
    """No such provider."""

    code, kind = "provider_not_found", Kind.NOT_FOUND


class ProviderNameTaken(SightglassError):
    """Another provider of the tenant has this name."""

    code, kind = "provider_name_taken", Kind.CONFLICT


class ProviderNotTested(SightglassError):
    """This provider was not tested yet."""

    code, kind = "provider_not_tested", Kind.NOT_FOUND


class ProviderKeysOff(SightglassError):
    """This platform takes no keys of providers: it has none to seal them with."""

    code, kind = "provider_keys_off", Kind.CONFLICT


class SourceNotFound(SightglassError):
    """There is no such source of documents."""

    code, kind = "source_not_found", Kind.NOT_FOUND


class PrefixNotFound(SightglassError):
    """The dataset is kept in step with no such prefix."""

    code, kind = "prefix_not_found", Kind.NOT_FOUND


class PrefixTaken(SightglassError):
    """The dataset is kept in step with this prefix already."""

    code, kind = "prefix_taken", Kind.CONFLICT


class SourceUnreadable(SightglassError):
    """Nothing in the file can be read."""

    code, kind = "source_unreadable", Kind.REJECTED


class SourceTooLarge(SightglassError):
    """The file has more text than a source may have."""

    code, kind = "source_too_large", Kind.REJECTED


class SourcesChanged(SightglassError):
    """A document was deleted or withheld while an answer was made from it."""

    code, kind = "sources_changed", Kind.TRANSIENT


class ModelPackageWrong(SightglassError):
    """The package with the embedding model is not the one that was checked."""

    code, kind = "model_package_wrong", Kind.INTERNAL
