"""How forms are drawn: the templates under `templates/web/forms/`, in place of Django's."""

from django.forms.renderers import TemplatesSetting


class PlainRenderer(TemplatesSetting):
    """Draws every form as labelled groups with hints and errors, and fields with our own classes."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"
